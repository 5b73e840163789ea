import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** A bug as a patch to the shipped source, and the tests that must notice it. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly bug: string
  readonly tests: readonly string[]
  /** Files that the patch changes. */
  readonly changes: readonly string[]
}

/** All patches of a folder, by name. */
export function mutantsIn(folder: string): Mutant[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.patch'))
  return files.sort().map((name) => parse(join(folder, name)))
}

/** The lines before the first `---` say what it is: one `bug:`, and a `test:` for each test file. */
function parse(file: string): Mutant {
  const text = readFileSync(file, 'utf8')
  const head = text.slice(0, text.indexOf('\n--- '))
  const all = (key: string): string[] =>
    [...head.matchAll(new RegExp(`^${key}: (.+)$`, 'gm'))].map((m) => m[1] as string)
  const [bug] = all('bug')
  const tests = all('test')
  const changes = [...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map((match) => match[1] as string)
  if (!bug || tests.length === 0 || changes.length === 0) {
    throw new SyntaxError(`${file} must begin with 'bug: ...' and 'test: <file>' lines, followed by a unified diff`)
  }
  return { name: basename(file, '.patch'), file, bug, tests, changes }
}
