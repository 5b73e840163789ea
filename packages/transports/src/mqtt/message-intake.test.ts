import { describe, expect, it } from 'vitest'
import { json } from '../payload/json-payload.ts'
import { type Message, MessageIntake } from './message-intake.ts'
import { TopicRoutes } from './topic-routes.ts'
import { topicTemplate } from './topic-template.ts'

const uncounted = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' } })
const counted = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' })

function intake(restarted: (topic: string) => void = () => {}, payload = counted): MessageIntake {
  const templates = [topicTemplate('line/{machine}', 'topics')]
  const routes = new TopicRoutes({ split: 's', templates, payload, stream: (_, topic) => topic })
  return new MessageIntake({ split: 's', payload, maxPayload: 1000, routes, now: () => 0, restarted }, -1)
}

const message = (t: number, own: Partial<Message> = {}): Message => ({
  topic: 'line/m1',
  payload: Buffer.from(JSON.stringify({ t, ts: t, seq: t })),
  qos: 1,
  messageId: t + 1,
  dup: false,
  ...own
})

function batchesOf(on: MessageIntake) {
  const batches = []
  for (let batch = on.take(); batch; batch = on.take()) batches.push(batch)
  return batches
}

describe('the intake', () => {
  it('puts a redelivery into a batch of its own, also between fresh messages', () => {
    const on = intake()
    for (const t of [1, 2, 3, 4, 5]) on.add(message(t, { dup: t === 3 }))
    const batches = batchesOf(on)
    expect(
      batches.map(({ blocks, redelivered, position }) => [Array.from(blocks[0]?.values ?? []), redelivered, position])
    ).toEqual([
      [[1, 2], undefined, 1],
      [[3], true, 2],
      [[4, 5], undefined, 4]
    ])
  })

  it('tells messages apart by packet id, topic and payload', () => {
    const on = intake()
    on.add(message(1))
    on.add(message(1, { messageId: 77 }))
    on.add(message(1, { topic: 'line/m2' }))
    on.add(message(2, { messageId: 2 }))
    on.add(message(1))
    const [ids] = batchesOf(on).map((batch) => Array.from(batch.ids ?? []))
    expect(new Set(ids).size).toBe(4)
    expect(ids?.[4]).toBe(ids?.[0])
  })

  it('has no ids for QoS 0', () => {
    const on = intake()
    on.add({ ...message(1, { qos: 0 }), messageId: undefined })
    expect(batchesOf(on).map(({ ids }) => ids)).toEqual([undefined])
  })

  it('counts the bytes that wait, and none when it is empty', () => {
    const on = intake()
    on.add(message(1))
    on.add(message(2, { payload: Buffer.alloc(500) }))
    expect(on.bytes).toBeGreaterThan(500)
    batchesOf(on)
    expect([on.bytes, on.isEmpty]).toEqual([0, true])
  })

  it('hands over the position of what it passes over', () => {
    const on = intake()
    on.skip()
    expect(batchesOf(on)).toMatchObject([{ position: 0, blocks: [], rejected: undefined }])
  })

  it('keeps a copy of a rejected payload, not the memory around it', () => {
    const chunk = Buffer.alloc(100_000, 'x')
    const on = intake()
    on.add(message(1, { payload: chunk.subarray(10, 20) }))
    const [rejected] = batchesOf(on).flatMap((batch) => batch.rejected ?? [])
    chunk.fill('y')
    expect(Buffer.from(rejected?.payload ?? []).toString()).toBe('x'.repeat(10))
  })

  it('takes a list whole or not at all', () => {
    const on = intake()
    const good = '{"t":1,"ts":1,"seq":1}'
    on.add(message(1, { payload: Buffer.from(`[${good},{"t":"hot"}]`) }))
    on.add(message(2, { payload: Buffer.from(`[${good},{"t":2,"ts":2,"seq":2}]`) }))
    on.add(message(3, { payload: Buffer.from('[{"t":3,"ts":3,"seq":3},{"t":2,"ts":2,"seq":4}]') }))
    const batches = batchesOf(on)
    expect(batches.flatMap(({ blocks }) => blocks).map(({ values }) => Array.from(values))).toEqual([[1, 2]])
    expect(batches.flatMap(({ rejected = [] }) => rejected).map(({ error }) => error.message)).toEqual([
      `line/m1, message 0: element 1 channel 't' must be a number, got "hot"`,
      "line/m1, message 2: its time lies before the last one of stream 'line/m1'"
    ])
  })

  it('says when a publisher counts anew', () => {
    const topics: string[] = []
    const on = intake((topic) => topics.push(topic))
    on.add(message(5))
    on.add(message(9, { payload: Buffer.from('{"t":1,"ts":9,"seq":1}') }))
    expect(topics).toEqual(['line/m1'])
    expect(batchesOf(on)[0]?.blocks[1]?.gap).toEqual({ scans: 'unknown', cause: 'sequence' })
  })
})

describe('the hole of a rejected message', () => {
  const bad = (t: number, text: string, own: Partial<Message> = {}): Message =>
    message(t, { payload: Buffer.from(text), ...own })
  const holesOf = (on: MessageIntake) =>
    batchesOf(on).map(({ position, blocks, rejected }) => [
      position,
      blocks.map(({ values, gap }) => [Array.from(values), gap]),
      rejected?.map(({ stream, scans }) => [stream, scans])
    ])

  it('lies behind what came before it in its batch, and before all that comes later', () => {
    const on = intake(() => {}, uncounted)
    for (const one of [message(1), bad(2, '{"t":"hot"}'), message(3), message(4)]) on.add(one)
    expect(holesOf(on)).toEqual([
      [1, [[[1], undefined]], [['line/m1', 1]]],
      [3, [[[3, 4], undefined]], undefined]
    ])
  })

  it('has the scans of a list; none of an empty one; an unknown number where nobody can tell', () => {
    const on = intake(() => {}, uncounted)
    on.add(bad(1, '[{"t":1,"ts":1},{"t":"hot"},{"t":3,"ts":3}]'))
    on.add(bad(2, '[]'))
    on.add(bad(3, '[{"t":1,"ts":1},{"t":'))
    on.add(bad(4, '{"t":1,"ts":'))
    on.add(bad(5, 'x'.repeat(2000)))
    on.add(message(6))
    on.add(bad(7, '[{"t":1,"ts":1},{"t":2,"ts":2}]'))
    on.add(bad(8, '{}', { topic: 'elsewhere' }))
    expect(holesOf(on).map(([, , rejected]) => (rejected as unknown[] | undefined)?.[0])).toEqual([
      ['line/m1', 3],
      [undefined, undefined],
      ['line/m1', undefined],
      ['line/m1', 1],
      ['line/m1', undefined],
      ['line/m1', 2],
      [undefined, undefined]
    ])
  })

  it('is told by the next number, where the publisher counts', () => {
    const on = intake()
    for (const one of [message(1), bad(2, '{"t":"hot"}'), message(3)]) on.add(one)
    expect(holesOf(on)).toEqual([
      [1, [[[1], undefined]], [[undefined, undefined]]],
      [2, [[[3], { scans: 1, cause: 'rejected' }]], undefined]
    ])
  })

  it('is left to the pipeline before the first number: only the checkpoint may know the one before', () => {
    const on = intake()
    for (const one of [bad(2, '{"t":"hot"}'), message(3)]) on.add(one)
    expect(holesOf(on)).toEqual([
      [0, [], [['line/m1', 1]]],
      [1, [[[3], undefined]], undefined]
    ])
  })
})
