import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { column } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { batchesOf, readScans } from './fixtures/readings.ts'
import { replay } from './replay.ts'

const root = process.env.MESSWERK_DATA ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url))
const committed = fileURLToPath(new URL('../../../../examples/data/itsc/currents.csv.gz', import.meta.url))
const path = [`${root}/itsc/currents.csv.gz`, committed].find((one) => existsSync(one)) ?? committed
const absent = !existsSync(path)
if (absent)
  process.stderr.write(
    `replay of the motor recording is not tested: no ${root}/itsc (set MESSWERK_DATA), no ${committed}\n`
  )

const currents = { channels: { Ia: 'A', Ib: 'A', Ic: 'A' }, labels: ['level', 'label'], rate: 1000 } as const

it.skipIf(absent)('replays the motor recording: 39 runs, healthy ones first, with declared gaps', async () => {
  const order = ['SC_HLT_001', 'SC_HLT_003', 'SC_HLT_005', 'SC_A4_B0_C0_001']
  const source = replay(path, { ...currents, group: { column: 'run', as: 'gaps', order, pause: '1s' } })
  const scans = await readScans(source)
  expect(source.counts).toEqual({ lines: 4000, rejected: 0, late: 0 })
  const gaps = scans.flatMap(({ gap, position }) => (gap ? [[position, gap]] : []))
  expect(gaps).toEqual([1000, 2000, 3000].map((position) => [position, { scans: 1000, cause: 'recording' }]))
  expect(scans.map(({ values }) => values[4])).toEqual([...new Array(3000).fill(0), ...new Array(1000).fill(1)])
  expect(scans[3000]!.ns).toBe(6_000_000_000n)
  expect(scans[3000]!.values[3]).toBe(4)
})

it.skipIf(absent)('gives a stream a run, each at 60 Hz', async () => {
  const blocks = (await batchesOf(replay(path, { ...currents, group: { column: 'run', as: 'streams' } }))).flatMap(
    (b) => b.blocks
  )
  const runs = new Map<string, number[]>()
  for (const block of blocks)
    runs.set(block.stream.id, (runs.get(block.stream.id) ?? []).concat([...column(block, 'Ia')]))
  expect(runs.size).toBe(39)
  for (const values of runs.values()) {
    expect(values).toHaveLength(1000)
    const rises = values.filter((value, i) => i > 0 && value >= 0 && (values[i - 1] as number) < 0).length
    expect(rises).toBeGreaterThanOrEqual(59)
    expect(rises).toBeLessThanOrEqual(62)
  }
})

it.skipIf(absent)('suggests the name that was meant', async () => {
  const reading = batchesOf(replay(path, { ...currents, group: { column: 'run', as: 'gaps', order: ['hlt_001'] } }))
  await expect(reading).rejects.toThrow("and 19 more. Did you mean 'SC_HLT_001'?")
})
