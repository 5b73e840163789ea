import mqtt, { type IPublishPacket, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SmallBroker } from './small-broker.ts'

let broker: SmallBroker
let clients: MqttClient[]
beforeEach(async () => {
  broker = new SmallBroker()
  clients = []
  await broker.start()
})
afterEach(async () => {
  for (const client of clients) client.end(true)
  await broker.close()
})

/** A client with a session that acknowledges nothing. */
async function silentReader(): Promise<IPublishPacket[]> {
  const reader = client({ clientId: 'reader', clean: false })
  const got: IPublishPacket[] = []
  reader.handleMessage = (message, done) => {
    got.push(message)
    done(new Error('not acknowledged'))
  }
  await new Promise<void>((connected) => reader.once('connect', () => connected()))
  await reader.subscribeAsync('a', { qos: 1 })
  return got
}

function client(options: mqtt.IClientOptions): MqttClient {
  const made = mqtt.connect(broker.url, { reconnectPeriod: 20, ...options })
  made.on('error', () => {})
  clients.push(made)
  return made
}

it('sends again over its restart what was not acknowledged: in order, marked, with the same packet ids', async () => {
  const got = await silentReader()
  const publisher = client({})
  for (const text of ['1', '2']) await publisher.publishAsync('a', text, { qos: 1 })
  await expect.poll(() => got.length).toBe(2)
  await broker.restart(50)
  await expect.poll(() => got.length).toBe(4)
  await publisher.publishAsync('a', '3', { qos: 1 })
  await expect.poll(() => got.length).toBe(5)
  expect(got.map(({ payload, dup }) => `${payload}${dup ? ' again' : ''}`)).toEqual([
    '1',
    '2',
    '1 again',
    '2 again',
    '3'
  ])
  const [first, second] = got.map(({ messageId }) => messageId as number)
  expect(got.map(({ messageId }) => messageId)).toEqual([first, second, first, second, second! + 1])
  expect(await broker.keptFor('reader')).toBe(3)
  expect(broker.restarts).toBe(1)
})

it('takes nothing new while it is away', async () => {
  expect(broker.takesMore).toBe(true)
  const restarting = broker.restart(50)
  expect(broker.takesMore).toBe(false)
  await restarting
  expect(broker.takesMore).toBe(true)
})
