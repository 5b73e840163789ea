import { expect, it } from 'vitest'
import { fuzzBundles, fuzzFiles } from './fixtures/fuzz-bundles.ts'

it('100 000 mutated model files load or are refused by a typed error', async () => {
  const { untyped, refused, loaded, mostBytes } = await fuzzBundles(await fuzzFiles(), 100_000, 1_000_000)
  expect(untyped.slice(0, 3)).toEqual([])
  expect(loaded + [...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(100_000)
  expect(mostBytes).toBeLessThan(1_073_741_824)
})
