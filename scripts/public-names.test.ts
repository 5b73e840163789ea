import { expect, it } from 'vitest'
import { compilerOptions, undocumentedNames } from './public-names.ts'

it('names what has no docstring or no example', () => {
  const entries = new Map([['fixture', `${import.meta.dirname}/fixtures/names.ts`]])
  expect(undocumentedNames(entries, compilerOptions('tsconfig.base.json'))).toEqual([
    'scripts/fixtures/names.ts:12: withoutExample (public through fixture) has no @example',
    'scripts/fixtures/names.ts:14: Bare (public through fixture) has no docstring',
    'scripts/fixtures/names.ts:19: CompleteOptions (public through fixture) has no @example'
  ])
})
