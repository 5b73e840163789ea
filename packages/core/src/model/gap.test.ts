import { expect, it } from 'vitest'
import { joinGaps } from './gap.ts'

it('adds scans and keeps the later cause', () => {
  expect(joinGaps({ scans: 3, cause: 'lost' }, { scans: 4, cause: 'late' })).toEqual({ scans: 7, cause: 'late' })
})

it.each([
  [
    { scans: 'unknown', cause: 'lost' },
    { scans: 4, cause: 'late' }
  ],
  [
    { scans: 4, cause: 'lost' },
    { scans: 'unknown', cause: 'late' }
  ]
] as const)('knows no sum of what is not known: %j %j', (a, b) => {
  expect(joinGaps(a, b)).toEqual({ scans: 'unknown', cause: 'late' })
})

it('takes the one there is', () => {
  const gap = { scans: 1, cause: 'shed' } as const
  expect(joinGaps(gap, undefined)).toBe(gap)
  expect(joinGaps(undefined, gap)).toBe(gap)
  expect(joinGaps(undefined, undefined)).toBeUndefined()
})
