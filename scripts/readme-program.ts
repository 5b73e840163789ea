import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './steps.ts'

const start = promisify(execFile)

/** Longest that the first program may take to say what it says, ms. */
const PATIENCE_MS = 20_000

/** A program of a page, and the lines that the page says it prints. */
export interface PageProgram {
  readonly code: string
  readonly output: readonly string[]
}

/** The first ` ```js ` block of a page and the ` ```text ` block that follows it. */
export function firstProgram(markdown: string): PageProgram {
  const code = /^```js\n([\s\S]*?)^```/m.exec(markdown)
  if (!code) throw new Error('there is no ```js block')
  const output = /^```text\n([\s\S]*?)^```/m.exec(markdown.slice(code.index + code[0].length))
  if (!output) throw new Error('no ```text block with its output follows the program')
  return { code: code[1]!, output: output[1]!.trimEnd().split('\n') }
}

/**
 * Saves the program of README.md as a reader would: into an empty folder, with the packed tarballs and RxJS from npm, and runs
 * it with plain node. Returns what is wrong.
 */
export async function readmeProgram(tarballs: ReadonlyMap<string, string>): Promise<string[]> {
  const { code, output } = firstProgram(readFileSync(`${root}/README.md`, 'utf8'))
  const wanted = ['@messwerk/core', '@messwerk/detectors'].map((name) => tarballs.get(name))
  if (wanted.includes(undefined)) return ['nothing was packed']
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-readme-'))
  try {
    writeFileSync(`${folder}/package.json`, '{ "private": true }')
    writeFileSync(`${folder}/program.mjs`, code)
    const install = [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      ...(wanted as string[]),
      `rxjs@${rxjs()}`
    ]
    await start('npm', install, { cwd: folder })
    const { stdout } = await start(process.execPath, ['program.mjs'], { cwd: folder, timeout: PATIENCE_MS })
    return outputProblems(stdout, output)
  } catch (error) {
    return [(error as Error).message]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether exactly those lines were printed. */
export function outputProblems(stdout: string, expected: readonly string[]): string[] {
  const printed = stdout.trimEnd().split('\n')
  if (JSON.stringify(printed) === JSON.stringify(expected)) return []
  return [
    `README.md says that its program prints\n    ${expected.join('\n    ')}\n  and it printed\n    ${printed.join('\n    ')}`
  ]
}

/** The version of RxJS that the workspace has, so that nothing is fetched twice. */
function rxjs(): string {
  return (JSON.parse(readFileSync(`${root}/node_modules/rxjs/package.json`, 'utf8')) as { version: string }).version
}
