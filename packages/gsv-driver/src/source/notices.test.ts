import { type Block, column, InUseError, type MeasurementEvent, type ReadOptions } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import type { Gsv } from '../device/gsv.ts'
import { simulateGsv } from '../simulator/index.ts'
import { gsvSource } from './gsv-source.ts'

const splits: ReadOptions['splits'] = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
const channels = [
  { offset: 1, noise: 0, scale: 10 },
  { offset: 2, noise: 0, scale: 10 }
]

/** Reads until `work` with the opened device is over. */
async function readDuring(
  url: string,
  work: (gsv: Gsv) => Promise<unknown>
): Promise<{ blocks: Block[]; events: MeasurementEvent[] }> {
  const controller = new AbortController()
  const blocks: Block[] = []
  const events: MeasurementEvent[] = []
  let opened: Gsv | undefined
  let working: Promise<unknown> | undefined
  const onDevice = (_: unknown, gsv: Gsv): void => {
    opened = gsv
  }
  const source = gsvSource({ url, id: 'press', onDevice })
  for await (const batch of source.read({ signal: controller.signal, from: {}, splits })) {
    blocks.push(...batch.blocks)
    events.push(...(batch.events ?? []))
    working ??= work(opened as Gsv).finally(() => controller.abort())
    working.catch(() => {})
  }
  await working
  return { blocks, events }
}

const some = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60))

describe('changes while a source reads', () => {
  it('are notices at their scans, by the name of the command', async () => {
    const amplifier = simulateGsv({ rate: 2000, channels })
    const { blocks, events } = await readDuring(await amplifier.listen(), async (gsv) => {
      await some()
      await gsv.zero(2)
      await some()
      await gsv.lines.setThresholds(1, { lower: 0.5, upper: 0.75 })
      await gsv.command('GetSerNo')
    })
    expect(new Set(events.map(({ rule }) => rule))).toEqual(new Set(['SetZero', 'WriteDIOthreshold']))
    const [zero] = events
    expect(zero).toMatchObject({ kind: 'notice', phase: 'end', stream: 'press', rule: 'SetZero', data: { channel: 2 } })
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const at = zero?.origin.position as number
    const values = blocks.flatMap((block) => [...column(block, 'channel_2')])
    const first = values.findIndex((value) => Math.abs(value) < 0.01)
    // what was measured before the answer was on its way already
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThanOrEqual(at + 1 + 20)
    expect(values[at - 20]).toBe(2)
    expect(values.at(-1)).toBeCloseTo(0, 2)
    expect(values).toHaveLength(amplifier.sent)
    await amplifier.close()
  })

  it('that come last are told behind the last block', async () => {
    const amplifier = simulateGsv({ rate: 2000, channels })
    const { events } = await readDuring(await amplifier.listen(), (gsv) => gsv.zero(0))
    expect(events).toMatchObject([{ rule: 'SetZero', data: { channel: 0 } }])
    await amplifier.close()
  })

  const refused: Record<string, (gsv: Gsv) => Promise<unknown>> = {
    scale: (gsv) => gsv.setUserScale(1, 20),
    offset: (gsv) => gsv.setUserOffset(1, 5),
    unit: (gsv) => gsv.setUnit(1, 'kN'),
    'data type': (gsv) => gsv.setDataType('int16'),
    objects: (gsv) => gsv.setObjects(1),
    rate: (gsv) => gsv.setRate(1000),
    'stored settings': (gsv) => gsv.loadConfig(1),
    'kind of frames': (gsv) => gsv.command('GetInterface', { flags: 0b1000 })
  }
  it('are refused where frames would mean something else, and values stay right', async () => {
    for (const dataType of ['float32', 'int16'] as const) {
      const amplifier = simulateGsv({ rate: 2000, channels, dataType })
      const { blocks, events } = await readDuring(await amplifier.listen(), async (gsv) => {
        for (const [what, change] of Object.entries(refused)) {
          if (what === 'data type' && dataType === 'int16') continue
          const error = await change(gsv).then(
            () => new Error('done'),
            (caught: Error) => caught
          )
          expect(error, what).toBeInstanceOf(InUseError)
          expect((error as InUseError).retryable, what).toBe(false)
          expect(error.message).toContain('end the reading, change it with openGsv, then read again')
        }
        await gsv.refresh()
        await some()
      })
      expect(events).toEqual([])
      const values = blocks.flatMap((block) => [...column(block, 'channel_1')])
      expect(values).toHaveLength(amplifier.sent)
      for (const value of new Set(values)) expect(value).toBeCloseTo(1, 3)
      await amplifier.close()
    }
  })
})
