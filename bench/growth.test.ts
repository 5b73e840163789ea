import { expect, it } from 'vitest'
import { growth } from './growth.ts'

/** An hour, a sample every 10 s; the noise is that of a generator with a seed. */
function samples(perHour: number, noise: number, memory = 0): { hours: number; bytes: number }[] {
  let state = 1
  let rest = 0
  return Array.from({ length: 360 }, (_, i) => {
    state = (state * 48_271) % 2_147_483_647
    rest = memory * rest + (state / 2_147_483_647 - 0.5) * noise
    return { hours: i / 360, bytes: 50e6 + perHour * 1e6 * (i / 360) + rest * 1e6 }
  })
}

it('of a line is its slope', () => {
  const { perHour, from, to } = growth(samples(7, 0))
  expect([perHour, from, to].map((mb) => mb.toFixed(6))).toEqual(['7.000000', '7.000000', '7.000000'])
})

it('of noise has zero in its interval, and a leak has not', () => {
  const flat = growth(samples(0, 5))
  expect(flat.from).toBeLessThan(0)
  expect(flat.to).toBeGreaterThan(0)
  expect(flat.to).toBeLessThan(1.5)
  expect(growth(samples(3, 5)).from).toBeGreaterThan(1.5)
})

it('is known less well where a sample depends on the one before', () => {
  const width = ({ from, to }: { from: number; to: number }): number => to - from
  expect(width(growth(samples(0, 5, 0.9)))).toBeGreaterThan(4 * width(growth(samples(0, 5))))
})
