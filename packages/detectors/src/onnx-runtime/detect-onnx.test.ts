import { detect } from '@messwerk/core'
import { type Block, blockOf, column } from '@messwerk/core/model'
import { from, lastValueFrom, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { fixtureOf } from './fixtures/python-models.ts'
import { onnxDetector } from './onnx-detector.ts'

const { path, samples, squares, window } = fixtureOf('window-ntc')
const { channels, length, values } = samples

/** The scans of the fixture as blocks of `scans`. */
function blocks(scans: number): Block[] {
  const units = Object.fromEntries(channels.map((name) => [name, '1']))
  return Array.from({ length: Math.ceil(length / scans) }, (_, k) => {
    const [first, last] = [k * scans, Math.min(length, (k + 1) * scans)]
    const columns = channels.map((name, c) => [name, [...values.subarray(c * length + first, c * length + last)]])
    const stream = { stream: 'motor', channels: units, rate: 10 }
    const block = blockOf(stream, Object.fromEntries(columns) as Record<string, number[]>)
    return Object.assign({}, block, { time: Object.assign({}, block.time, { start: BigInt(first) * 100_000_000n }) })
  })
}

async function scored(scans: number): Promise<Record<string, number[]>> {
  const spec = onnxDetector({ path, window: window!, score: 'reconstruction' })
  const operator = detect(spec, { threshold: { raise: 1, clear: 0.5 }, explain: 'all' })
  const out = await lastValueFrom(from(blocks(scans)).pipe(operator, toArray()))
  const names = ['score', 'score.flag', 'score.by.c0', 'score.by.c7']
  return Object.fromEntries(names.map((name) => [name, out.flatMap((block) => [...column(block as Block, name)])]))
}

it('detect scores with it: the same bits for any cutting, alarms and shares', async () => {
  const whole = await scored(length)
  const expected = squares!.map((square) => square / (channels.length * window!.scans))
  whole.score!.slice(window!.scans - 1).forEach((score, i) => {
    expect(Math.abs(score - expected[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, expected[i]!))
  })
  expect(new Set(whole['score.flag'])).toEqual(new Set([0, 2]))
  for (const scans of [1, 3, 7]) expect(await scored(scans)).toEqual(whole)
})
