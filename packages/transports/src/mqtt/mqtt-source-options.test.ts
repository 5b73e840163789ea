import { describe, expect, it } from 'vitest'
import { broker, payload, readerOf, running, sourceOn } from './fixtures/source-bench.ts'
import { mqttSource } from './mqtt-source.ts'

describe('options', () => {
  const good = { url: 'mqtt://h', clientId: 'c', topics: 'a/b', payload }

  it.each([
    [{ clientId: undefined }, /clientId must be a name that stays the same at each start: under it the broker keeps/],
    [{ qos: 3 }, /qos must be 0, 1 or 2, got 3/],
    [{ topics: [] }, /topics must be a topic/],
    [{ topics: 'a/#/b' }, /'#' may only be the last level/],
    [{ payload: undefined }, /payload must be made by json\(\), number\(\) or custom\(\)/],
    [{ retained: 'yes' }, /retained must be 'use' or 'skip', got "yes"/],
    [{ window: 0 }, /window must be a whole number from 1 to 16384, got 0/],
    [{ window: 20_000 }, /window must be a whole number from 1 to 16384/],
    [{ session: '10ms' }, /session must be at least 1 s/],
    [{ keepalive: '10ms' }, /keepalive must be between 1 s/],
    [{ version: 3 }, /version must be 5 or 4/],
    [{ version: 4, userProperties: { a: 'b' } }, /userProperties need version 5/],
    [{ url: 'http://h' }, /url must be like/],
    [{ url: 'broker:1883' }, /url must be like/],
    [{ tls: {} }, /tls needs a url that begins with 'mqtts:\/\/'/],
    [{ will: { topic: 'a/+', payload: '' } }, /will.topic must be a topic without wildcards/],
    [{ maxPayload: '1MB' }, /maxPayload must be a size/],
    [{ password: 5 }, /password must be a string or a function, got a number/]
  ])('%j are refused', (wrong, why) => {
    expect(() => mqttSource({ ...good, ...wrong } as never)).toThrow(why)
  })

  it('clientId may be left out where nothing is kept', () => {
    const source = () => mqttSource({ ...good, topics: ['a/b', 'c'], clientId: undefined, qos: 0 })
    expect([source().id, source().id]).toEqual(['mqtt:a/b c', 'mqtt:a/b c'])
  })
})

describe('credentials', () => {
  const secret = 'pa55-w0rd'

  it('reach the broker and nothing else', async () => {
    const on = await broker({ connack: () => 135 })
    const url = on.url.replace('mqtt://', `mqtt://someone:${secret}@`)
    const source = sourceOn(on, { url })
    const reader = readerOf(source)
    await reader.ended
    expect(on.received[0]).toMatchObject({ username: 'someone', password: Buffer.from(secret) })
    const shown = [source.id, String(reader.error), JSON.stringify(reader.error), JSON.stringify(reader.reports)]
    const { cause, stack } = reader.error as Error
    shown.push(String(stack), String(cause), JSON.stringify(cause ?? null))
    expect(shown.join()).not.toContain(secret)
    expect(shown.join()).not.toContain('someone')
    expect(() => sourceOn(on, { url: `mqt://someone:${secret}@h` })).toThrow(/url must be like(?!.*pa55)/)
  })

  it('of a function are asked before each connection', async () => {
    const on = await broker()
    let asked = 0
    const source = sourceOn(on, { username: 'u', password: async () => `token-${++asked}` })
    const first = readerOf(source)
    await running(first)
    on.cut()
    await first.ended
    await running(readerOf(source))
    const passwords = on.received
      .filter(({ cmd }) => cmd === 'connect')
      .map((packet) => String((packet as { password?: Buffer }).password))
    expect(passwords).toEqual(['token-1', 'token-2'])
  })
})
