// Turns every `@example` of the sources and every code block of the pages into Vitest files under test/generated-examples/.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Example, examplesInPages, examplesInSources } from './example-source.ts'
import { canShareModule, exampleTest } from './example-test.ts'

const root = resolve(import.meta.dirname, '..')
const out = `${root}/test/generated-examples`
rmSync(out, { recursive: true, force: true })
mkdirSync(out, { recursive: true })

const fromSources = examplesInSources(root)
const fromPages = examplesInPages(root)
for (const [file, examples] of groupByFile(fromSources)) {
  if (canShareModule(examples)) write(file, examples)
  else for (const example of examples) write(example.place, [example])
}
for (const example of fromPages) write(example.place, [example])
console.log(`${fromSources.length} examples in comments, ${fromPages.length} in pages: test/generated-examples/`)

function write(name: string, examples: readonly Example[]): void {
  const file = `${name.replace(/^packages\//, '').replaceAll(/[/\\.:]+/g, '-')}.test.${examples[0]!.language}`
  writeFileSync(`${out}/${file}`, exampleTest(examples, '../../scripts'))
}

function groupByFile(examples: readonly Example[]): Map<string, Example[]> {
  const groups = new Map<string, Example[]>()
  for (const example of examples) groups.set(example.file, [...(groups.get(example.file) ?? []), example])
  return groups
}
