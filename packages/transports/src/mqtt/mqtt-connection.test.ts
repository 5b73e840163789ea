import { describe, expect, it } from 'vitest'
import { until } from './fixtures/reader.ts'
import { broker, message, publishAndTake, readerOf, running, sourceOn } from './fixtures/source-bench.ts'

describe('a connection', () => {
  it('an old commit acknowledges nothing on a new connection', async () => {
    const on = await broker()
    const source = sourceOn(on)
    const first = readerOf(source, { commits: false })
    await running(first)
    await publishAndTake(on, first, [0, 1, 2])
    on.cut()
    await first.ended
    const second = readerOf(source, { commits: false })
    await until(() => second.values.length === 3, 'the redelivery')
    await first.commitAll()
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(on.acknowledged).toEqual([])
    await second.commitAll()
    await until(() => on.outstanding('c') === 0, 'acknowledged by the new commit')
  })

  it('messages that the broker kept are taken before the subscription is answered', async () => {
    const on = await broker()
    const source = sourceOn(on)
    const first = readerOf(source)
    await running(first)
    await first.stop()
    for (let t = 0; t < 5; t += 1) on.publish('line/m1', message(t))
    const second = readerOf(source)
    await until(() => second.values.length === 5, 'five values')
    expect(second.values).toEqual([0, 1, 2, 3, 4])
  })

  it('positions go on after those of the checkpoint', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on), { from: { 'mqtt:c': 500 } })
    await running(reader)
    await publishAndTake(on, reader, [1])
    expect(reader.batches.at(-1)?.position).toBe(501)
  })

  it('commits after the end still reach the broker', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on), { commits: false })
    await running(reader)
    await publishAndTake(on, reader, [1, 2, 3])
    await reader.stop()
    on.publish('line/m1', message(4))
    await reader.commitAll()
    await until(() => on.acknowledged.length === 3, 'three acknowledgements')
    await until(() => on.received.some(({ cmd }) => cmd === 'disconnect'), 'a goodbye')
    expect(on.acknowledged).toEqual([1, 2, 3])
    expect(on.outstanding('c')).toBe(1)
  })

  it('announces its window, session and version', async () => {
    const on = await broker()
    const will = { topic: 'state', payload: 'gone', qos: 1, retain: true } as const
    const reader = readerOf(
      sourceOn(on, { window: 77, session: '90s', keepalive: '7s', userProperties: { site: 'x' }, will })
    )
    await running(reader)
    expect(on.received[0]).toMatchObject({
      cmd: 'connect',
      protocolVersion: 5,
      clean: false,
      clientId: 'c',
      keepalive: 7,
      properties: { receiveMaximum: 77, sessionExpiryInterval: 90, userProperties: { site: 'x' } },
      will: { topic: 'state', payload: Buffer.from('gone'), qos: 1, retain: true }
    })
  })

  it('is running only when the broker has answered and something came', async () => {
    const on = await broker({ ignoresSubscribe: true })
    const reader = readerOf(sourceOn(on, { timeout: '1s' }))
    await reader.ended
    expect(reader.states).toEqual(['connecting'])
    expect(reader.error).toMatchObject({ code: 'TIMED_OUT', retryable: true })
  })

  it('that is half-open is degraded within 1.5 x keepalive, then lost', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { keepalive: '1s' }))
    await running(reader)
    on.freeze()
    await until(() => reader.states.at(-1) === 'degraded', 'degraded')
    expect(reader.error, 'the link is given up after 1.5 x keepalive, so this was before').toBeUndefined()
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(String(reader.error)).toContain('the link is dead')
  })

  it('that was silent for a while is running again', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on, { keepalive: '1s' }))
    await running(reader)
    on.freeze()
    await until(() => reader.states.at(-1) === 'degraded', 'degraded')
    on.thaw()
    on.publish('line/m1', message(1))
    await running(reader)
    expect(reader.error).toBeUndefined()
  })

  it('to a broker that never answers is a timeout', async () => {
    const on = await broker({ isMute: true })
    const reader = readerOf(sourceOn(on, { timeout: '300ms' }))
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'TIMED_OUT', retryable: true })
    expect(String(reader.error)).toContain('CONNECT did not come within 300 ms')
  })

  it('to nobody is not connected', async () => {
    const on = await broker()
    const source = sourceOn(on)
    await on.stop()
    const reader = readerOf(source)
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true, url: on.url })
  })

  it.each([
    [4, 4, 'AUTH_REFUSED', 'bad user name or password (reason 4)'],
    [4, 5, 'AUTH_REFUSED', 'not authorized (reason 5)'],
    [4, 3, 'NOT_CONNECTED', 'server unavailable (reason 3)'],
    [4, 1, 'PROTOCOL_VIOLATION', 'try version: 5'],
    [5, 134, 'AUTH_REFUSED', 'bad user name or password (reason 134)'],
    [5, 135, 'AUTH_REFUSED', 'not authorized (reason 135)'],
    [5, 137, 'NOT_CONNECTED', 'server busy (reason 137)'],
    [5, 132, 'PROTOCOL_VIOLATION', 'try version: 4'],
    [5, 133, 'PROTOCOL_VIOLATION', 'client identifier not valid (reason 133)']
  ] as const)('version %i refused with %i is %s', async (version, code, kind, text) => {
    const on = await broker({ connack: () => code })
    const reader = readerOf(sourceOn(on, { version }))
    await reader.ended
    expect(reader.error).toMatchObject({ code: kind })
    expect(String(reader.error)).toContain(text)
  })

  it.each([
    [142, 'IN_USE', 'another client has the same client id'],
    [139, 'NOT_CONNECTED', 'the broker disconnected: server shutting down (reason 139)'],
    [141, 'NOT_CONNECTED', 'the broker disconnected: keep alive timeout (reason 141)'],
    [130, 'NOT_CONNECTED', 'the broker disconnected: protocol error (reason 130)'],
    [0, 'NOT_CONNECTED', 'the broker disconnected']
  ])('ended by the broker with %i is %s', async (code, kind, text) => {
    const on = await broker()
    const reader = readerOf(sourceOn(on))
    await running(reader)
    on.disconnect(code)
    await reader.ended
    expect(reader.error).toMatchObject({ code: kind, retryable: true })
    expect(String(reader.error)).toContain(text)
  })

  it('ended by the broker for want of rights is not tried again', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on))
    await running(reader)
    on.disconnect(135)
    await reader.ended
    expect(reader.error).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
  })

  it.each([
    [5, 135, 'AUTH_REFUSED', "it refused the subscription to 'line/+': not authorized (reason 135)"],
    [5, 143, 'PROTOCOL_VIOLATION', 'topic filter invalid (reason 143)'],
    [4, 128, 'PROTOCOL_VIOLATION', 'unspecified error (reason 128)']
  ] as const)('version %i: a subscription refused with %i is %s', async (version, code, kind, text) => {
    const on = await broker({ suback: () => code })
    const reader = readerOf(sourceOn(on, { version }))
    await reader.ended
    expect(reader.error).toMatchObject({ code: kind })
    expect(String(reader.error)).toContain(text)
  })

  it('a broker that grants a lower QoS is degraded, with the reason', async () => {
    const on = await broker({ suback: () => 0 })
    const reader = readerOf(sourceOn(on))
    await until(() => reader.states.at(-1) === 'degraded', 'degraded')
    expect(reader.reports.at(-1)?.why).toBe("the broker granted QoS 0 for 'line/+', not 1")
  })

  it('what is no MQTT costs the connection, not the process', async () => {
    const on = await broker()
    const reader = readerOf(sourceOn(on))
    await running(reader)
    on.raw(Uint8Array.of(0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00))
    await reader.ended
    expect(reader.error).toMatchObject({ retryable: true })
  })
})
