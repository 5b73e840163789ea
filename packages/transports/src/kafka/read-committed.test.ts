import { expect, it } from 'vitest'
import { ReadCommitted, type Transacted } from './read-committed.ts'

const batch = (lastOffset: number, more: Partial<Transacted> = {}): Transacted => ({
  producer: -1,
  lastOffset,
  isTransactional: false,
  isControl: false,
  ...more
})
const of = (producer: number, lastOffset: number, isControl = false): Transacted =>
  batch(lastOffset, { producer, isTransactional: true, isControl })
const counted = (committed: ReadCommitted, batches: readonly Transacted[]): number[] =>
  batches.filter((one) => committed.counts(one)).map(({ lastOffset }) => lastOffset)

it('control batches do not count', () => {
  expect(counted(new ReadCommitted([]), [batch(0), of(1, 1), of(1, 2, true), batch(3)])).toEqual([0, 1, 3])
})

it('batches of transactions that were given up do not count, those of others between them do', () => {
  const [a, b] = [1, 2]
  const batches = [of(a, 0), of(b, 1), of(a, 2), of(a, 3, true), of(a, 4), of(b, 5, true), of(a, 6, true), batch(7)]
  expect(counted(new ReadCommitted([{ producer: a, firstOffset: 0 }]), batches)).toEqual([1, 4, 7])
  const both = [
    { producer: b, firstOffset: 1 },
    { producer: a, firstOffset: 0 }
  ]
  expect(counted(new ReadCommitted(both), batches)).toEqual([4, 7])
})

it('a producer that was given up and writes outside of transactions counts', () => {
  const committed = new ReadCommitted([{ producer: 1, firstOffset: 0 }])
  expect(counted(committed, [of(1, 0), batch(1, { producer: 1 })])).toEqual([1])
})
