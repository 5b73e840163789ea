import { expect, it } from 'vitest'
import { judgeCounted } from './judge-opcua.ts'

const rows = (...values: readonly number[]) => values.map((value, i) => ({ time: BigInt(i * 10), value }))
const clean = { undeclared: 0, unseen: 0, repeated: 0, restartsUndeclared: 0 }

it('finds nothing where every hole is declared', () => {
  const gaps = [
    { before: 20n, scans: undefined },
    { before: 40n, scans: undefined },
    { before: 50n, scans: 0 }
  ]
  expect(judgeCounted(rows(100, 101, 150, 151, 0, 1, 2), gaps, 0)).toEqual({
    rows: 7,
    declared: 48,
    restarts: 1,
    holes: { empty: 1, others: 2 },
    ...clean
  })
})

it('finds values that are missing without a word, also behind a hole that says nothing is', () => {
  expect(judgeCounted(rows(100, 105), [], 0).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 105), [{ before: 10n, scans: 0 }], 0).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 105), [{ before: 0n, scans: undefined }], 0).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 102), [], 1)).toMatchObject({ unseen: 1, undeclared: 0 })
})

it('finds values that are there twice, and a restart that nothing tells of', () => {
  expect(judgeCounted(rows(100, 101, 101), [], 0).repeated).toBe(1)
  expect(judgeCounted(rows(100, 101, 1), [], 0)).toMatchObject({ restarts: 1, restartsUndeclared: 1 })
})
