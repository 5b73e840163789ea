import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** How test files ended. */
export interface TestRun {
  readonly seconds: number
  readonly passed: number
  /** `file: name` of the tests that failed. */
  readonly failed: readonly string[]
  /** Files that could not be loaded, with the first line of the reason. */
  readonly broken: readonly string[]
  readonly isTimeout: boolean
}

interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Runs test files in a folder, for at most so long; with `bail` until the first failure. */
export async function runTests(
  folder: string,
  files: readonly string[],
  limitMs: number,
  bail: boolean
): Promise<TestRun> {
  const output = join(folder, 'mutants-report.json')
  rmSync(output, { force: true })
  const began = performance.now()
  const args = ['run', '--reporter=json', `--outputFile=${output}`, `--bail=${bail ? 1 : 0}`].concat(files)
  const isTimeout = await vitest(folder, args, limitMs)
  const seconds = (performance.now() - began) / 1000
  if (isTimeout || !existsSync(output)) {
    const broken = isTimeout ? [] : ['vitest wrote no report']
    return { seconds, passed: 0, failed: [], broken, isTimeout }
  }
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as Report
  const name = (file: string): string => file.slice(folder.length + 1)
  const of = (status: string): string[] =>
    testResults.flatMap(({ name: file, assertionResults }) =>
      assertionResults.filter((one) => one.status === status).map(({ fullName }) => `${name(file)}: ${fullName}`)
    )
  const broken = testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name: file, message }) => `${name(file)}: ${message.split('\n')[0]}`)
  return { seconds, passed: of('passed').length, failed: of('failed'), broken, isTimeout }
}

/** Whether it had to be ended. */
function vitest(folder: string, args: readonly string[], limitMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const program = join(folder, 'node_modules/vitest/vitest.mjs')
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      stdio: 'ignore',
      detached: true, // a group of its own, so that its workers end with it
      env: { ...process.env, MESSWERK_REPORT: '', MESSWERK_RANDOM_PIPELINES: 'quick', CI: '1' }
    })
    let isTimeout = false
    const timer = setTimeout(() => {
      isTimeout = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, limitMs)
    child.on('error', reject)
    child.on('exit', () => {
      clearTimeout(timer)
      resolve(isTimeout)
    })
  })
}
