import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SeenIds } from './seen-ids.ts'

it('knows the last ids and no others, like a naive list, also after a restart', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200, size: 'max' }),
      fc.nat(200),
      (ids, restartAt) => {
        let seen = new SeenIds(16)
        let naive: number[] = []
        for (const [i, id] of ids.entries()) {
          if (i === restartAt) {
            const state = seen.snapshot()
            seen = new SeenIds(16)
            seen.restore(state)
          }
          seen.add(id)
          if (!naive.includes(id)) naive = [...naive, id].slice(-16)
          expect([...seen.snapshot()]).toEqual(naive)
          for (let other = 0; other <= 40; other += 1) expect(seen.has(other)).toBe(naive.includes(other))
        }
      }
    ),
    { numRuns: 50 }
  )
})

it('remembers an id for 65 536 others', () => {
  const seen = new SeenIds()
  for (let id = 0; id <= 65_536; id += 1) seen.add(id)
  expect([seen.has(0), seen.has(1)]).toEqual([false, true])
})

it('keeps their order while it grows', () => {
  const seen = new SeenIds(5000)
  const ids = Array.from({ length: 4000 }, (_, i) => i * 7)
  for (const id of ids) seen.add(id)
  expect([...seen.snapshot()]).toEqual(ids)
})
