import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { firstProgram, outputProblems } from './readme-program.ts'
import { root } from './steps.ts'

const readme = readFileSync(`${root}/README.md`, 'utf8')

it('finds the first program of a page and what it prints', () => {
  const page = '# A\n```sh\nnpm i\n```\n```js\na()\n```\nIt prints\n```text\none\ntwo\n```\n```js\nb()\n```\n'
  expect(firstProgram(page)).toEqual({ code: 'a()\n', output: ['one', 'two'] })
  expect(() => firstProgram('```ts\na()\n```\n')).toThrow('no ```js block')
  expect(() => firstProgram('```js\na()\n```\n')).toThrow('no ```text block')
})

it('notices an output that is not what the page says', () => {
  expect(outputProblems('one\ntwo\n', ['one', 'two'])).toEqual([])
  expect(outputProblems('one\nthree\n', ['one', 'two'])).toHaveLength(1)
  expect(outputProblems('', ['one'])).toHaveLength(1)
})

it('README.md begins with a program of at most 15 lines that stands on the first screen', () => {
  const { code } = firstProgram(readme)
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
  expect(readme.slice(0, readme.indexOf(code) + code.length).split('\n').length).toBeLessThanOrEqual(40)
})
