// A Python program that stands beside ours in a bench: it answers one line of JSON with another.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'

const environment = `${import.meta.dirname}/../node_modules/.cache/bench-python`
/** One thread, as ours has. */
const oneThread = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }

export interface PythonPeer {
  ask<T>(request: object): Promise<T>
  close(): void
}

/**
 * Starts `bench/peers/<name>.py`, with these packages of PyPI: in the Python that `MESSWERK_PYTHON` names, or in an environment of its
 * own under node_modules/.cache.
 *
 * @returns why not, where there is no Python or no such package
 */
export function pythonPeer(name: string, modules: Readonly<Record<string, string>>): PythonPeer | string {
  const python = pythonWith(modules)
  if (python.startsWith('no ')) return python
  const file = `${import.meta.dirname}/peers/${name}.py`
  const child = spawn(python, [file], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...oneThread } })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask<T>(request: object): Promise<T> {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${name}.py ended without an answer`)
      return JSON.parse(value) as T
    },
    close: () => stop(child)
  }
}

function stop(child: ChildProcess): void {
  child.stdin?.end()
}

/** @param modules - module name to the name of its package */
function pythonWith(modules: Readonly<Record<string, string>>): string {
  const named = process.env.MESSWERK_PYTHON
  if (named) return hasAll(named, modules) ? named : `no ${Object.keys(modules).join(', ')} in MESSWERK_PYTHON ${named}`
  const own = `${environment}/bin/python`
  if (hasAll(own, modules)) return own
  if (!existsSync(own) && !succeeds('python3', ['-m', 'venv', environment])) return 'no python3 with venv in PATH'
  console.log(`Installing ${Object.values(modules).join(', ')} (pip) ...`)
  succeeds(own, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...Object.values(modules)])
  return hasAll(own, modules) ? own : `no ${Object.values(modules).join(', ')}: pip could not install it`
}

function hasAll(python: string, modules: Readonly<Record<string, string>>): boolean {
  return succeeds(python, ['-c', `import ${Object.keys(modules).join(', ')}`])
}

function succeeds(program: string, options: readonly string[]): boolean {
  return spawnSync(program, options, { stdio: 'ignore' }).status === 0
}
