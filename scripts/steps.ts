import { spawn } from 'node:child_process'
import { delimiter, resolve } from 'node:path'
import { writeCounts } from './count-reporter.ts'

export const root = resolve(import.meta.dirname, '..')
const bin = `${root}/node_modules/.bin`

/** One named part of a check: a command line without a shell, or a function that returns what is wrong. */
export type Step = readonly [
  name: string,
  work: readonly string[] | (() => readonly string[] | Promise<readonly string[]>)
]

/** Runs all steps, prints each one's time, lets none hide another, and leaves the counts for `.ci/run`. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const failed: string[] = []
  for (const [name, work] of steps) {
    const started = performance.now()
    const ok = typeof work === 'function' ? report(await work()) : (await run(work)) === 0
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    if (!ok) failed.push(name)
  }
  const failures = failed.map((name) => ({ name, reason: 'see above' }))
  writeCounts({ passed: steps.length - failed.length, failed: failed.length, skipped: [], failures })
  if (failed.length > 0) console.error(`\n${failed.length} of ${steps.length} failed: ${failed.join(', ')}`)
  process.exitCode = failed.length > 0 ? 1 : 0
}

/** Starts a program (first looked for in node_modules/.bin) and resolves to its exit code; its output is shown. */
export function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const [program, ...args] = command as [string, ...string[]]
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...env }
  })
  return new Promise((settle) => {
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`)
      settle(1)
    })
    child.on('close', (code) => settle(code ?? 1))
  })
}

function report(problems: readonly string[]): boolean {
  for (const problem of problems) console.error(`  ${problem}`)
  return problems.length === 0
}
