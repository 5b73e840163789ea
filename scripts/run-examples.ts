// `npm run examples [-- <name> ...]`: runs every program of examples/ that has an expected output beside it
// (`quickstart.expected.txt` for `quickstart.ts`), in its own folder, and compares.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { missingLine } from './expected-output.ts'
import { filesUnder } from './files-under.ts'
import { root, runSteps, type Step } from './steps.ts'

const wanted = process.argv.slice(2)
const timeLimit = 180_000

const steps = filesUnder(`${root}/examples`, (path) => path.endsWith('.expected.txt'))
  .map((path) => path.slice(0, -'.expected.txt'.length))
  .filter((program) => wanted.length === 0 || wanted.some((name) => program.split('/').includes(name)))
  .map((program): Step => [program, () => check(program)])
if (wanted.length > 0 && steps.length === 0)
  throw new RangeError(`no example named ${wanted.join(', ')} has an expected output`)
await runSteps(steps)

function check(program: string): string[] {
  const file = `${root}/examples/${program}.ts`
  const args = ['--import', import.meta.resolve('tsx'), file]
  const { stdout, stderr, status, error } = spawnSync(process.execPath, args, {
    cwd: dirname(file),
    encoding: 'utf8',
    timeout: timeLimit
  })
  const missing = missingLine(readFileSync(`${root}/examples/${program}.expected.txt`, 'utf8'), stdout)
  const problems = []
  if (status !== 0) problems.push(`ended with ${error?.message ?? `exit code ${status}`}: ${stderr.trim()}`)
  if (missing) problems.push(`did not print: ${missing}`, `but:\n${stdout}`)
  return problems
}
