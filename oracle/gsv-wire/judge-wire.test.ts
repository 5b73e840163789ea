// That the judge would notice: a record made by hand, right and wrong.
import { type Block, defineStream, type Gap } from '@messwerk/core/model'
import type { SentScans } from '@messwerk/gsv-driver/simulator'
import { expect, it } from 'vitest'
import { planOf } from '../../packages/gsv-driver/src/simulator/plan.ts'
import { Signal } from '../../packages/gsv-driver/src/simulator/signal.ts'
import { judgeWire, type WireVerdict } from './judge-wire.ts'
import { ScanRecord } from './scan-record.ts'

const RATE = 1000
const stream = defineStream({
  id: 'trial',
  channels: Array.from({ length: 8 }, (_, c) => ({ name: `c${c + 1}`, unit: '1' })),
  rate: RATE
})
const log: readonly SentScans[] = [
  { from: 0, to: 100, fate: 'written' },
  { from: 100, to: 102, fate: 'damaged' },
  { from: 102, to: 200, fate: 'written' },
  { from: 200, to: 700, fate: 'lost' },
  { from: 700, to: 800, fate: 'written' }
]

/** What the simulator measured in its scans, as it sends them. */
function measured(): Map<number, Float32Array> {
  const signal = new Signal(planOf({ rate: RATE, seed: 1, counterChannel: 8 }).channels, RATE, 1)
  const values = new Float64Array(8)
  const all = new Map<number, Float32Array>()
  for (const { from, to, fate } of log) {
    for (let scan = from; fate !== 'lost' && scan < to; scan += 1) {
      signal.fill(values, scan)
      values[7] = scan
      all.set(scan, Float32Array.from(values))
    }
  }
  return all
}

async function judged(
  pieces: readonly (readonly [from: number, to: number, gap?: Gap])[],
  change: (values: Float64Array) => void = () => {}
): Promise<WireVerdict> {
  const record = new ScanRecord(1000, 10)
  const scans = measured()
  for (const [from, to, gap] of pieces) {
    const length = to - from
    const values = new Float64Array(8 * length)
    for (let i = 0; i < length; i += 1) {
      for (let c = 0; c < 8; c += 1) values[c * length + i] = scans.get(from + i)?.[c] ?? (c === 7 ? from + i : 0)
    }
    change(values)
    const start = BigInt(from) * 1_000_000n
    const time = { start, clock: 'device', uncertainty: 1e6, period: 1e6, phase: 0 } as const
    const origin = { split: 'trial', position: to - 1, positions: undefined }
    await record.write([{ stream, length, values, time, quality: undefined, gap, origin } as Block])
  }
  return judgeWire({ rate: RATE, seed: 1, log, record })
}

const first = [0, 100] as const
const second = [102, 200, { scans: 2, cause: 'resync' }] as const
const third = [700, 800, { scans: 500, cause: 'reconnect' }] as const

it('finds nothing wrong with what is right', async () => {
  const verdict = await judged([first, second, third])
  expect(verdict).toMatchObject({ delivered: 298, invalid: 0, repeated: 0, undeclared: 0, needless: 0, findings: [] })
  expect(verdict.corrupted).toMatchObject({ count: 1, scans: 2, exact: 1 })
  expect(verdict.reconnected).toMatchObject({ count: 1, scans: 500, exact: 1, largestError: 0, admitted: [2, 2] })
})

it('notices a value that was never measured', async () => {
  let changed = 0
  const verdict = await judged([first, second, third], (values) => {
    if (changed++ === 1) values[17] = (values[17] as number) + 1e-3
  })
  expect(verdict.invalid).toBe(1)
})

it('notices a scan that was damaged or lost on the way', async () => {
  expect((await judged([[0, 101], [102, 200, { scans: 1, cause: 'resync' }], third])).invalid).toBe(1)
  expect((await judged([first, second, [600, 601, { scans: 400, cause: 'lost' }], third])).invalid).toBeGreaterThan(0)
})

it('notices holes without a gap, gaps without a hole, wrong and missing numbers', async () => {
  expect((await judged([first, [102, 200], third])).undeclared).toBe(1)
  expect(
    (await judged([first, second, [700, 750, third[2]], [750, 800, { scans: 3, cause: 'resync' }]])).needless
  ).toBe(1)
  expect((await judged([first, [102, 200, { scans: 3, cause: 'resync' }], third])).corrupted.exact).toBe(0)
  const wrong = await judged([first, second, [700, 800, { scans: 503, cause: 'reconnect' }]])
  expect(wrong.reconnected).toMatchObject({ exact: 0, largestError: 3, largestShare: 1.5 })
  const unknown = await judged([first, second, [700, 800, { scans: 'unknown', cause: 'reconnect' }]])
  expect(unknown.reconnected.unknown).toBe(1)
})

it('notices scans that come twice', async () => {
  expect((await judged([first, second, [150, 160], third])).repeated).toBe(10)
})
