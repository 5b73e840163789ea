// `npm run bench -- <name> [--short]`: runs bench/<name>.bench.ts in a process of its own; `all` runs each.
import { readdirSync } from 'node:fs'
import { runSteps } from '../scripts/steps.ts'

const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const [name, ...options] = process.argv.slice(2)

if (name === 'all' || known.includes(name ?? '')) {
  const wanted = name === 'all' ? known : [name!]
  await runSteps(wanted.map((one) => [`bench ${one}`, ['tsx', `bench/${one}.bench.ts`, ...options]]))
} else {
  console.error(`usage: npm run bench -- <name> [--short], with one of: all, ${known.join(', ')}`)
  process.exitCode = 1
}
