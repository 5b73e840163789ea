import { expect, it } from 'vitest'
import { fuzzBundles, fuzzFiles } from './fixtures/fuzz-bundles.ts'
import { fuzzGraphFiles, noRuntime } from './fixtures/fuzz-graphs.ts'
import { fuzzScalers } from './fixtures/fuzz-scalers.ts'

it.each([
  ['', fuzzFiles],
  [' with a graph', fuzzGraphFiles]
])('100 000 mutated model files%s load or are refused by a typed error', async (_, make) => {
  const { untyped, refused, loaded, mostBytes } = await fuzzBundles(await make(), 100_000, 1_000_000, noRuntime)
  expect(untyped.slice(0, 3)).toEqual([])
  expect(loaded + [...refused.values()].reduce((sum, count) => sum + count, 0)).toBe(100_000)
  expect(mostBytes).toBeLessThan(1_073_741_824)
})

it('100 000 mutated scalers are read as they say, or refused by a typed error', () => {
  const { wrong, read, refused } = fuzzScalers(100_000, 1_000_000)
  expect(wrong.slice(0, 3)).toEqual([])
  expect(read + refused).toBe(100_000)
})
