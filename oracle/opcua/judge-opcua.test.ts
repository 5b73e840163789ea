import { expect, it } from 'vitest'
import { judgeCounted } from './judge-opcua.ts'
import { readSeenLog } from './seen-log.ts'

const rows = (...values: readonly number[]) => values.map((value, i) => ({ time: BigInt(i * 10), value }))
const clean = { undeclared: 0, unfilled: 0, unseen: 0, repeated: 0, restartsUndeclared: 0 }

it('finds nothing where every hole is declared', () => {
  const gaps = [
    { before: 20n, scans: undefined },
    { before: 40n, scans: undefined },
    { before: 50n, scans: 0 },
    { before: 60n, scans: undefined }
  ]
  expect(judgeCounted(rows(100, 101, 150, 151, 0, 1, 2), gaps)).toEqual({
    rows: 7,
    historical: 0,
    declared: 48,
    restarts: 1,
    holes: { empty: 1, others: 3, needless: 1 },
    ...clean
  })
})

it('finds values that are missing without a word, also behind a hole that says nothing is', () => {
  expect(judgeCounted(rows(100, 105), []).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 105), [{ before: 10n, scans: 0 }]).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 105), [{ before: 10n, scans: 3 }]).undeclared).toBe(4)
  expect(judgeCounted(rows(100, 105), [{ before: 0n, scans: undefined }]).undeclared).toBe(4)
})

it('finds values that are there twice, and a restart that nothing tells of', () => {
  expect(judgeCounted(rows(100, 101, 101), []).repeated).toBe(1)
  expect(judgeCounted(rows(100, 101, 1), [])).toMatchObject({ restarts: 1, restartsUndeclared: 1 })
})

it('counts what came from history, and finds what is missing though the server had it', () => {
  const gaps = [{ before: 20n, scans: undefined }]
  const kept = [{ from: 12n, to: 18n }]
  expect(judgeCounted(rows(100, 101, 104), gaps, { kept })).toMatchObject({ undeclared: 0, unfilled: 2 })
  expect(judgeCounted(rows(100, 104, 105), gaps, { kept: [{ from: 15n, to: 18n }] }).unfilled).toBe(0)
  const filled = rows(100, 101, 102).map((row) => Object.assign(row, { historical: row.value === 101 }))
  expect(judgeCounted(filled, [], { kept })).toMatchObject({ historical: 1, unfilled: 0 })
})

it("asks the server's own log for what was never looked at", () => {
  const at = (ms: number): string => String(116_444_736_000_000_000 + ms * 10_000)
  const log = [
    'start',
    `0 ${at(0)} 5`,
    `0 ${at(10)} 6`,
    `0 ${at(30)} 8`,
    'start',
    `0 ${at(90)} 5`,
    `0 ${at(99)} 7`,
    '0 1'
  ]
  const seen = readSeenLog(log.join('\n'))
  const row = (value: number, ms: number) => ({ value, time: BigInt(ms) * 1_000_000n })
  expect(seen(row(5, 0), row(8, 30))).toBe(1)
  expect(seen(row(6, 10), row(8, 30))).toBe(0)
  expect(seen(row(5, 90), row(7, 99))).toBe(0)
  expect(seen(row(5, 90), row(8, 30))).toBeUndefined()
  expect(seen(row(5, 0), row(7, 99))).toBeUndefined()
  const skipped = [row(5, 0), row(8, 30)]
  expect(judgeCounted(skipped, [], { seen })).toMatchObject({ unseen: 1, undeclared: 1 })
  expect(judgeCounted(skipped.with(0, row(6, 10)), [], { seen })).toMatchObject({ unseen: 1, undeclared: 0 })
})
