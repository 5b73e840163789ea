import { type ByteReceiver, systemTime } from '@messwerk/core/driver'
import { describe, expect, it } from 'vitest'
import { encodeResponseFrame } from '../codec/index.ts'
import { encodeResponse as answerOf } from '../commands/index.ts'
import { GsvSession } from './gsv-session.ts'
import { readTeds } from './teds.ts'

/** Answers by property id: next id, kind and value as it stands in the response. */
type Memory = Readonly<Record<number, readonly [next: number, kind: number, value: number]>>

function sessionWith(memory: Memory): { session: GsvSession; asked: number[] } {
  let receiver: ByteReceiver | undefined
  const asked: number[] = []
  const session = new GsvSession({
    link: {
      url: 'test:',
      start(to) {
        receiver = to
      },
      async write(bytes) {
        const property = bytes[5] as number
        asked.push(property)
        const [next, kind, value] = memory[property] ?? [0, 0xff, 0]
        const data = answerOf('ReadTEDSdataEntry', { next, kind, value })
        setTimeout(() => receiver?.data(encodeResponseFrame(0, data), systemTime.elapsed()), 0)
      },
      async close() {}
    },
    scheduler: systemTime,
    timeoutMs: 500,
    capacity: 4
  })
  return { session, asked }
}

describe('readTeds', () => {
  it('follows the list of properties to its end', async () => {
    const { session } = sessionWith({
      0: [96, 0, 0],
      96: [10, 0, 17],
      10: [73, 1, 2.5],
      73: [22, 4, 9497],
      22: [55, 0xfe, 0],
      55: [0, 0, 1]
    })
    expect(await readTeds(session, 3, 33)).toEqual([
      { id: 96, name: 'manufacturer', value: 17 },
      { id: 10, name: 'Sens', value: 2.5 },
      { id: 73, name: 'CalDate', value: new Date('2024-01-02T00:00:00Z') },
      { id: 22, name: 'BridgeType', value: undefined, missing: 'not set' },
      { id: 55, name: 'property 55', value: 1 }
    ])
  })

  it('ends where the list runs in a circle', async () => {
    const { session, asked } = sessionWith({ 0: [10, 0, 0], 10: [11, 0, 1], 11: [10, 0, 2] })
    expect((await readTeds(session, 1, 0)).map(({ id }) => id)).toEqual([10, 11])
    expect(asked).toEqual([0, 10, 11])
  })
})
