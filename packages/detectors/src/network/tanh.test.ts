import { expect, it } from 'vitest'
import { tanh } from './tanh.ts'

/** From e^(2|x|) - 1 of the engine: within a few units in the last place. */
const wanted = (x: number): number => {
  const e = Math.expm1(2 * Math.abs(x))
  return Math.sign(x) * (x > 300 || x < -300 ? 1 : e / (e + 2))
}

it('is the hyperbolic tangent, within a few units in the last place, also where it is small', () => {
  let most = 0
  for (let i = 1; i <= 200_000; i += 1)
    for (const x of [i / 10_000, -i / 100_000, i * 1e-9, -i * 1e-300, i / 3000]) {
      most = Math.max(most, Math.abs(tanh(x) / wanted(x) - 1))
      if (Math.abs(tanh(x)) > 1) expect.fail(`tanh(${x}) is ${tanh(x)}`)
    }
  expect(most).toBeLessThan(1.2e-15)
})

it('has ends, and no value for what is no number', () => {
  expect([0, 1e300, Number.POSITIVE_INFINITY, -1e300, Number.NEGATIVE_INFINITY, 5e-324].map(tanh)).toEqual([
    0, 1, 1, -1, -1, 5e-324
  ])
  expect(tanh(Number.NaN)).toBeNaN()
})

it('has the same bits in every engine', () => {
  expect([0.1, -0.35, 1, -2.5, 7].map(tanh)).toEqual([
    0.09966799462495582, -0.33637554433633216, 0.761594155955765, -0.98661429815143, 0.9999983369439447
  ])
})
