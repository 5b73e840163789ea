import { expect, it } from 'vitest'
import { blockOf } from '../model/block-builder.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { format } from '../model/format.ts'
import { consoleSink } from './console-sink.ts'

const signal = new AbortController().signal
const event: MeasurementEvent = {
  id: 'pump-1/score/1',
  kind: 'anomaly',
  phase: 'end',
  stream: 'pump-1',
  rule: 'score',
  start: 1_700_000_000_000,
  end: 1_700_000_000_350,
  score: 8,
  values: { pressure: { value: 4.2, unit: 'bar', lower: 2.9, upper: 3.3 } },
  origin: { split: 'pump-1', position: 1 }
}

it('prints events as sentences and blocks as short lines', async () => {
  const lines: string[] = []
  const sink = consoleSink({ write: (line) => lines.push(line), utc: true })
  const shape = { stream: 's', channels: { t: 'Cel', n: '1', x: 'V' }, rate: 1 }
  const block = blockOf(shape, { t: [20, 21.256], n: [1, 2], x: [1, Number.NaN] })
  await sink.write([event, block, { ...block, gap: { scans: 5, cause: 'lost' } }], signal)
  expect(lines[0]).toBe(format(event, { utc: true }))
  expect(lines[1]).toBe('s: 2 scans until 1970-01-01T00:00:01.000Z, t 21.3 °C, n 2, x no value')
  expect(lines[2]).toBe(
    's: 2 scans until 1970-01-01T00:00:01.000Z after a gap of 5 scans (lost), t 21.3 °C, n 2, x no value'
  )
})

it('keeps a line short when there are many channels', async () => {
  const lines: string[] = []
  const names = Array.from({ length: 20 }, (_, i) => `c${i}`)
  const units = Object.fromEntries(names.map((name) => [name, 'V']))
  const values = Object.fromEntries(names.map((name) => [name, [1]]))
  await consoleSink({ write: (line) => lines.push(line) }).write(
    [blockOf({ stream: 's', channels: units, rate: 1 }, values)],
    signal
  )
  expect(lines[0]).toMatch(/^s: 1 scan until .* c5 1 V and 14 more$/)
})

it('refuses to write with what is no function', () => {
  expect(() => consoleSink({ write: 'stdout' as never })).toThrow('consoleSink: write must be a function, got stdout')
})
