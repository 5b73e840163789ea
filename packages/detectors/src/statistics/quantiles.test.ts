import { describe, expect, it } from 'vitest'
import reference from '../pca/fixtures/reference.json' with { type: 'json' }
import { incompleteBeta } from './incomplete-beta.ts'
import { fQuantile, normalQuantile } from './quantiles.ts'

const near = (actual: number, expected: number, relative: number) =>
  expect(Math.abs(actual - expected) / Math.abs(expected || 1), `${actual} for ${expected}`).toBeLessThan(relative)

describe('quantiles', () => {
  it('equal scipy', () => {
    for (const [share, d1, d2, expected] of reference.f) near(fQuantile(share!, d1!, d2!), expected!, 1e-10)
    for (const [share, expected] of reference.normal) near(normalQuantile(share!), expected!, 1e-9)
    for (const [x, a, b, expected] of reference.incompleteBeta) near(incompleteBeta(x!, a!, b!), expected!, 1e-11)
  })
})
