// Damaged and hostile files: typed errors only, in bounded memory. A hundred thousand of them: fuzz.soak.test.ts.
import { expect, it } from 'vitest'
import { fuzzBundles, fuzzFiles } from './fixtures/fuzz-bundles.ts'

it('3 000 mutated model files load or are refused by a typed error', { timeout: 240_000 }, async () => {
  const { untyped, refused, loaded, mostBytes } = await fuzzBundles(await fuzzFiles(), 3000, 1)
  expect(untyped.slice(0, 3)).toEqual([])
  expect(loaded).toBeGreaterThan(100)
  for (const reason of ['malformed', 'schema', 'proof']) expect(refused.get(reason), reason).toBeGreaterThan(50)
  expect(mostBytes).toBeLessThan(1_073_741_824)
})
