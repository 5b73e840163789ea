import { expect, it } from 'vitest'
import { type Example, examplesInComments, examplesInMarkdown } from './example-source.ts'
import { canShareModule, exampleTest } from './example-test.ts'

const source = `
/**
 * Doubles.
 *
 * @example
 * \`\`\`ts
 * import { twice } from 'a'
 *
 * twice(3) // => 6
 * const third = twice(1) / 6 // => 0.333…
 * \`\`\`
 * @throws nothing
 */
export const twice = 1
`

const example = (code: string): Example => ({ file: 'a.ts', place: 'a.ts:1', language: 'ts', code })
const bodyOf = (code: string): string =>
  exampleTest([example(code)], '..')
    .split('$run(async () => {\n')[1]!
    .replace(/\n}\)\)\n$/, '')

it('finds examples in comments, with their line', () => {
  const [found, ...others] = examplesInComments('a.ts', source)
  expect(found?.place).toBe('a.ts:6')
  expect(found?.code).toContain('twice(3) // => 6\n')
  expect(others).toEqual([])
})

it('finds ts and js blocks in pages and leaves others alone', () => {
  const page = '# A\n```js\na\n```\n```sh\nb\n```\n- c\n  ```ts\n  d\n  ```\n'
  expect(examplesInMarkdown('p.md', page).map(({ language, code }) => [language, code])).toEqual([
    ['js', 'a\n'],
    ['ts', 'd\n']
  ])
})

it('demands a reason for a block that is not run, and skips it with that reason', () => {
  expect(() => examplesInMarkdown('p.md', '```ts no-run\nopen()\n```\n')).toThrow('p.md:1: a block tagged no-run')
  const [block] = examplesInMarkdown('p.md', '```ts no-run\n// needs an amplifier\nopen()\n```\n')
  expect(exampleTest([block!], '..')).toContain('test.skip("needs an amplifier")')
})

it.each([
  ['twice(3) // => 6', '$expect(twice(3)).toEqual(6)'],
  ['console.log(twice(3)) // => 6', '$expect(twice(3)).toEqual(6)'],
  ['twice(3)\n// => [\n//   1\n//  ]', '$expect(twice(3)).toEqual([\n   1\n  ])'],
  [
    'f() // => { a: 0.71…, b: -3… }',
    '$expect(f()).toEqual({ a: $expect.closeTo(0.71, 2), b: $expect.closeTo(-3, 0) })'
  ],
  ['const a = f() // => 1', 'const a = f()\n$expect(a).toEqual(1)'],
  ['export const a = 1', 'const a = 1'],
  ['f() // throws RangeError: f: x must …', 'name: \'RangeError\', message: $expect.stringContaining("f: x must ")'],
  ['f() // 6, a remark', 'f() // 6, a remark']
])('turns %j into an assertion', (code, expected) => {
  expect(bodyOf(code)).toContain(expected)
})

it('shares a module only where every example imports what it uses', () => {
  const importing = example(`import { f } from 'a'\nf()`)
  expect(canShareModule([importing, example(`import { f, g } from 'a'\nf(g)`)])).toBe(true)
  expect(canShareModule([importing, example('f()')])).toBe(false)
  expect(canShareModule([importing, example(`import { f } from 'b'\nf()`)])).toBe(false)
})

it('merges imports, values before types', () => {
  const text = exampleTest(
    [example(`import type { A } from 'a'`), example(`import { A, type B } from 'a'\nimport * as c from 'c'`)],
    '..'
  )
  expect(text).toContain(`import { A } from 'a'\nimport type { B } from 'a'\nimport * as c from 'c'`)
})
