import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Delivery, Ledger } from './ledger.ts'

it('counts only the contiguous settled prefix', () => {
  const ledger = new Ledger(() => {})
  const [a, b, c] = [1, 2, 3].map((position) => ledger.track(position, 10)) as [Delivery, Delivery, Delivery]
  c.release()
  expect(ledger.settledTo).toBeUndefined()
  a.release()
  expect(ledger.settledTo).toBe(1)
  b.release()
  expect(ledger.settledTo).toBe(3)
  expect(ledger.unsettled).toBe(0)
})

it('settles a delivery when every holder has released it', () => {
  const settled: number[] = []
  const ledger = new Ledger((bytes) => settled.push(bytes))
  const delivery = ledger.track(7, 42)
  delivery.hold()
  delivery.release()
  expect(settled).toEqual([])
  delivery.release()
  expect(settled).toEqual([42])
})

it('counts nothing more once it is fenced', () => {
  const ledger = new Ledger(() => {})
  const delivery = ledger.track(7, 1)
  ledger.fence()
  delivery.release()
  expect(ledger.settledTo).toBeUndefined()
})

it('equals the naive prefix for any order of settling', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 3000 }, (_, i) => i),
        { minLength: 0, maxLength: 3000 }
      ),
      (order) => {
        const ledger = new Ledger(() => {})
        const deliveries = Array.from({ length: 3000 }, (_, i) => ledger.track(i, 1))
        const done = new Set<number>()
        for (const i of order) {
          deliveries[i]?.release()
          done.add(i)
        }
        let prefix = -1
        while (done.has(prefix + 1)) prefix += 1
        expect(ledger.settledTo).toBe(prefix < 0 ? undefined : prefix)
      }
    ),
    { numRuns: 30 }
  )
})
