import { readFileSync } from 'node:fs'
import { filesUnder } from './files-under.ts'

/** One piece of example code, where it stands, and what is to be done with it. */
export interface Example {
  /** File and line, as in `packages/core/src/model/span.ts:12`. */
  readonly place: string
  readonly file: string
  readonly language: 'ts' | 'js'
  readonly code: string
  /** Why it is compiled but not run (only code blocks tagged `no-run`). */
  readonly notRun?: string
}

/** Every ` ```ts ` block in an `@example` of the packages' sources. */
export function examplesInSources(root: string): Example[] {
  const sources = filesUnder(`${root}/packages`, (name) => /^[^/]+\/src\/.*(?<!\.test)\.ts$/.test(name))
  return sources.flatMap((name) =>
    examplesInComments(`packages/${name}`, readFileSync(`${root}/packages/${name}`, 'utf8'))
  )
}

/** Every ` ```ts ` and ` ```js ` block of the READMEs and of `docs/`. */
export function examplesInPages(root: string): Example[] {
  const wanted = /^(README\.md|packages\/[^/]+\/README\.md|docs\/(?!api\/|decisions\/).*\.md)$/
  const pages = filesUnder(root, (name) => wanted.test(name))
  return pages.flatMap((name) => examplesInMarkdown(name, readFileSync(`${root}/${name}`, 'utf8')))
}

/** The examples in the doc comments of one TypeScript source. */
export function examplesInComments(file: string, text: string): Example[] {
  const found: Example[] = []
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    for (const example of comment[0].matchAll(/@example\b(?:(?!^\s*\*\s*@\w)[\s\S])*/gm)) {
      for (const block of example[0].matchAll(/```ts\s*\n([\s\S]*?)^\s*\*\s*```/gm)) {
        const code = block[1]!.replace(/^[ \t]*\* ?/gm, '')
        found.push({
          file,
          place: placeOf(file, text, comment.index + example.index + block.index),
          language: 'ts',
          code
        })
      }
    }
  }
  return found
}

/** The examples in one Markdown page. */
export function examplesInMarkdown(file: string, text: string): Example[] {
  const found: Example[] = []
  for (const block of text.matchAll(/^([ \t]*)```(ts|js)(?:[ \t]+([^\n]*))?\n([\s\S]*?)^[ \t]*```/gm)) {
    const [, indent, language, tag, code] = block
    const place = placeOf(file, text, block.index)
    const example = {
      file,
      place,
      language: language as 'ts' | 'js',
      code: code!.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    }
    found.push(tag?.trim() === 'no-run' ? { ...example, notRun: reasonIn(example) } : example)
  }
  return found
}

function reasonIn({ code, place }: Example): string {
  const reason = /^\/\/ (\S.*)/.exec(code)?.[1]
  if (!reason) throw new Error(`${place}: a block tagged no-run begins with a comment that says why`)
  return reason
}

function placeOf(file: string, text: string, index: number): string {
  return `${file}:${text.slice(0, index).split('\n').length}`
}
