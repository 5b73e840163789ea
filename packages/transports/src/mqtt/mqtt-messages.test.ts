import { describe, expect, it } from 'vitest'
import { custom } from '../payload/custom-payload.ts'
import { json } from '../payload/json-payload.ts'
import type { UserProperties } from '../payload/payload.ts'
import { type Reader, until } from './fixtures/reader.ts'
import { broker, counted, message, publishAndTake, readerOf, running, sourceOn } from './fixtures/source-bench.ts'
import { mqttSource } from './mqtt-source.ts'

const holesOf = (reader: Reader): unknown[] =>
  reader.batches.flatMap(({ rejected = [] }) => rejected.map(({ stream, scans }) => [stream, scans]))

describe('messages', () => {
  it('that came together are one batch, with blocks by stream and a position for each scan', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on))
    await running(reader)
    for (let t = 0; t < 6; t += 1) on.publish(`line/m${t % 2}`, message(t))
    await until(() => reader.values.length === 6, 'six values')
    const scans = reader.blocks.flatMap(({ stream, values }) =>
      Array.from(values, (value) => `${value} ${stream.id} ${stream.tags.machine}`)
    )
    expect(scans.sort()).toEqual([0, 1, 2, 3, 4, 5].map((t) => `${t} line/m${t % 2} m${t % 2}`))
    expect(reader.batches.at(-1)?.position).toBe(5)
    expect(reader.batches.reduce((sum, { ids }) => sum + (ids?.length ?? 0), 0)).toBe(6)
  })

  it('keep the place of their rows when they come again: only their positions in the account are new', async () => {
    const on = await broker()
    const source = sourceOn(on)
    const first = readerOf(source, { commits: false })
    await running(first)
    await publishAndTake(on, first, [1, 2, 3])
    on.cut()
    await first.ended
    const second = readerOf(source, { commits: false })
    await until(() => second.values.length === 3, 'the redelivery')
    const places = (reader: Reader) => reader.blocks.flatMap(({ origin }) => Array.from(origin.positions ?? []))
    expect(places(second)).toEqual(places(first))
    expect(new Set(places(first)).size).toBe(3)
    expect(places(first).every(Number.isSafeInteger)).toBe(true)
  })

  it('say the first and last number of each block, so that a restart knows what is missing', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { payload: counted }))
    await running(reader)
    for (const t of [1, 2, 7, 8]) on.publish('line/m1', message(t))
    await until(() => reader.values.length === 4, 'four values')
    const numbers = reader.batches.flatMap(({ sequences }) => Array.from(sequences ?? []))
    expect([numbers[0], numbers.at(-1)]).toEqual([1, 8])
    expect(numbers.length).toBe(reader.blocks.length * 2)
  })

  it('that are bad cost one message each, with topic, position and reason', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { topics: ['line/{machine}', '#'], maxPayload: '1KiB' }))
    await running(reader)
    const bad: readonly (readonly [string, string | Uint8Array, string])[] = [
      ['line/m1', '{"ts":1,"t":NaN}', 'is not JSON'],
      ['line/m1', Uint8Array.of(0x22, 0xc3, 0x28, 0x22), 'is not UTF-8'],
      ['line/m1', '{"ts":1,"t":"hot"}', "channel 't' must be a number"],
      ['line/m1', `{"ts":1,"t":1,"x":"${'x'.repeat(2000)}"}`, 'is too large: 2021 B, maxPayload is 1024 B']
    ]
    on.publish('line/m1', message(1))
    for (const [topic, text] of bad) on.publish(topic, text)
    on.publish('line/m1', message(2))
    await until(() => reader.values.length === 2 && reader.rejected.length === bad.length, 'two good, four bad')
    reader.rejected.forEach((text, i) => {
      expect(text).toContain(`line/m1, message ${i + 1}: `)
      expect(text).toContain(bad[i]?.[2])
    })
    expect(reader.values).toEqual([1, 2])
    expect(holesOf(reader)).toEqual([
      ['line/m1', 1],
      ['line/m1', undefined],
      ['line/m1', 1],
      ['line/m1', undefined]
    ])
    await until(() => on.outstanding('c') === 0, 'the bad ones are acknowledged too')
  })

  it('of a topic that matches no template are rejected', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { topics: 'line/{machine}' }))
    await running(reader)
    on.publish('line/m1', message(1))
    await until(() => reader.values.length === 1, 'one value')
    // a broker that sends what was not asked for: QoS 0, topic 'x'
    on.raw(Uint8Array.of(0x30, 0x06, 0x00, 0x01, 0x78, 0x00, 0x7b, 0x7d))
    await until(() => reader.rejected.length === 1, 'one rejected')
    expect(reader.rejected[0]).toBe('x, message 1: matches no topic template')
  })

  it('that are late go to the dead letters and leave a gap', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on))
    await running(reader)
    for (const t of [5, 4, 6]) on.publish('line/m1', message(t))
    await until(() => reader.values.length === 2, 'two values')
    expect(reader.rejected[0]).toContain("its time lies before the last one of stream 'line/m1'")
    expect(holesOf(reader)).toEqual([['line/m1', 1]])
  })

  it('whose numbers skip declare how many are missing', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { payload: counted }))
    await running(reader)
    for (const t of [1, 2, 7]) on.publish('line/m1', message(t))
    await until(() => reader.values.length === 3, 'three values')
    expect(reader.blocks.at(-1)?.gap).toEqual({ scans: 4, cause: 'sequence' })
  })

  it('of a session that the broker has lost are declared, where no numbers tell', async () => {
    const on = await broker()
    const source = sourceOn(on)
    const first = readerOf(source)
    await running(first)
    await publishAndTake(on, first, [1])
    on.cut()
    await first.ended
    on.forgetSessions()
    const second = readerOf(source)
    await running(second)
    expect(second.reports.map(({ why }) => why).join()).toContain('has lost the session')
    await publishAndTake(on, second, [2])
    await publishAndTake(on, second, [3], 'line/new')
    expect(second.blocks.map(({ gap }) => gap)).toEqual([
      { scans: 'unknown', cause: 'reconnect' },
      { scans: 'unknown', cause: 'reconnect' }
    ])
  })

  it.each([
    ['skip', []],
    ['use', [7]]
  ] as const)('that the broker had retained: %s', async (retained, values) => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { retained, version: 4 }))
    await running(reader)
    on.publish('line/m1', message(7), { retain: true })
    await until(() => on.acknowledged.length === 1, 'acknowledged either way')
    expect(reader.values).toEqual(values)
  })

  it('have user properties, which a decoder of one’s own is given', async () => {
    const on = await broker()
    const read = (bytes: Uint8Array, _: string, properties: UserProperties = {}) => ({
      values: { t: Number(bytes.toString()) * Number(properties.factor) }
    })
    const reader = readerOf(sourceOn(on, { payload: custom({ channels: { t: 'Cel' }, read }) }))
    await running(reader)
    on.publish('line/m1', '4', { properties: { userProperties: { factor: '10' } } })
    await until(() => reader.values.length === 1, 'a value')
    expect(reader.values).toEqual([40])
  })

  it('without a time get strictly increasing arrival times', async () => {
    const on = await broker()
    const source = mqttSource({
      url: on.url,
      clientId: 'c',
      topics: 'line/+',
      payload: json({ channels: { t: 'Cel' } })
    })
    const reader = readerOf(source)
    await running(reader)
    for (let t = 0; t < 20; t += 1) on.publish('line/m1', message(t))
    await until(() => reader.values.length === 20, 'twenty values')
    const times = reader.blocks.flatMap(({ time }) =>
      Array.from(time.offsets ?? [], (offset) => time.start + BigInt(offset))
    )
    expect(times.every((time, i) => i === 0 || time > (times[i - 1] as bigint))).toBe(true)
    expect(reader.blocks[0]?.time.clock).toBe('arrival')
  })

  it('of QoS 0 or a clean session are not waited for', async () => {
    const on = await broker()
    const source = sourceOn(on, { session: 'none' })
    expect(source.replay).toBe('none')
    const reader = readerOf(source, { commits: false })
    await running(reader)
    await publishAndTake(on, reader, [1, 2, 3])
    await until(() => on.acknowledged.length === 3, 'acknowledged when handed over')
    expect(on.received[0]).toMatchObject({ clean: true })
  })
})
