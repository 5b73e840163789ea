import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { findProgram } from './find-program.ts'

const root = join(import.meta.dirname, '..', '..')
const requirements = join(root, 'python', 'requirements.txt')
const PATIENCE_MS = 580_000

/**
 * The Python with the packages of python/requirements.txt, made once for each set of versions, also where several tests ask at once; skips
 * the test, with the reason, where it cannot be made.
 */
export async function pythonEnvironment(test: TestContext): Promise<string> {
  const system = findProgram('python3')
  if (system === undefined) return test.skip('no python3 in PATH')
  const versions = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(root, 'node_modules', '.cache', `python-${versions}`)
  const python = join(folder, 'bin', 'python')
  const isReady = (): boolean => existsSync(join(folder, 'ready'))
  const unlock = await locked(`${folder}.lock`, isReady)
  try {
    if (isReady()) return python
    await runPython(system, ['-m', 'venv', '--clear', folder])
    await runPython(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
    writeFileSync(join(folder, 'ready'), '')
    return python
  } catch (error) {
    const why = (error as Error).message.trim().split('\n').at(-1)
    return test.skip(`cannot install python/requirements.txt: ${why}`)
  } finally {
    unlock()
  }
}

/** Waits for another test that makes it. One that was killed leaves its lock: it is broken after a while. */
async function locked(path: string, isReady: () => boolean): Promise<() => void> {
  const deadline = Date.now() + PATIENCE_MS
  mkdirSync(join(path, '..'), { recursive: true })
  while (!isReady() && Date.now() < deadline) {
    try {
      mkdirSync(path)
      return () => rmdirSync(path)
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  return () => {}
}

/** Resolves with what it printed; rejects with what it printed on its error output. Leaves no `__pycache__`. */
export function runPython(
  python: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = root
): Promise<string> {
  const settings = { PYTHONDONTWRITEBYTECODE: '1', OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      timeout: PATIENCE_MS,
      maxBuffer: 2 ** 26,
      env: Object.assign({}, process.env, settings, env)
    }
    execFile(python, args, options, (error, out, err) =>
      error ? reject(new Error(err || error.message)) : resolve(out)
    )
  })
}
