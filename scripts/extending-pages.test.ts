import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { root } from './steps.ts'

// The programs of these pages are files that are compiled, checked and run; the pages show them.
const folder = `${root}/docs/extending`
const shown = readdirSync(folder).flatMap((page) =>
  [...readFileSync(`${folder}/${page}`, 'utf8').matchAll(/^`([^`\n]+)`:\n\n```typescript\n([\s\S]*?)^```/gm)].map(
    ([, path, code]) => [page, path as string, code as string] as const
  )
)

it.each(shown)('%s shows %s as it is', (_page, path, code) => {
  expect(code).toBe(readFileSync(`${root}/${path}`, 'utf8'))
})

it('every such block says which file it is', () => {
  const pages = readdirSync(folder).map((page) => readFileSync(`${folder}/${page}`, 'utf8'))
  expect(pages.join('\n').match(/^```typescript$/gm)).toHaveLength(shown.length)
  expect(shown.length).toBeGreaterThanOrEqual(6)
})

it('a source takes at most 60 lines', () => {
  const lines = readFileSync(`${root}/examples/quickstart/extending/line-source.ts`, 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(60)
})

it('a driver takes at most 150 lines', () => {
  const lines = readFileSync(`${root}/examples/quickstart/extending/duo-driver.ts`, 'utf8').trimEnd().split('\n')
  expect(lines.length).toBeLessThanOrEqual(150)
})
