// Damaged and hostile files: typed errors only, in bounded memory. A hundred thousand of them: fuzz.soak.test.ts.
import { expect, it } from 'vitest'
import { fuzzBundles, fuzzFiles } from './fixtures/fuzz-bundles.ts'
import { fuzzGraphFiles, noRuntime } from './fixtures/fuzz-graphs.ts'
import { fuzzScalers } from './fixtures/fuzz-scalers.ts'

it('2 000 mutated model files load or are refused by a typed error', { timeout: 240_000 }, async () => {
  const { untyped, refused, loaded, mostBytes } = await fuzzBundles(await fuzzFiles(), 2000, 1)
  expect(untyped.slice(0, 3)).toEqual([])
  expect(loaded).toBeGreaterThan(70)
  for (const reason of ['malformed', 'schema', 'proof']) expect(refused.get(reason), reason).toBeGreaterThan(35)
  expect(mostBytes).toBeLessThan(1_073_741_824)
})

it('1 000 that hold a graph too', { timeout: 240_000 }, async () => {
  const { untyped, refused, loaded, mostBytes } = await fuzzBundles(await fuzzGraphFiles(), 1000, 1, noRuntime)
  expect(untyped.slice(0, 3)).toEqual([])
  expect(loaded).toBeGreaterThan(30)
  for (const reason of ['malformed', 'schema', 'proof', 'MISSING_DEPENDENCY'])
    expect(refused.get(reason), reason).toBeGreaterThan(15)
  expect(mostBytes).toBeLessThan(1_073_741_824)
})

it('5 000 mutated scalers are read as they say, or refused by a typed error', () => {
  const { wrong, read, refused } = fuzzScalers(5000, 1)
  expect(wrong.slice(0, 3)).toEqual([])
  expect(read).toBeGreaterThan(100)
  expect(refused).toBeGreaterThan(1000)
})
