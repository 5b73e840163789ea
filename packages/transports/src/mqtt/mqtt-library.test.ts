// What the source takes for granted of MQTT.js and MQTT.js does not promise. When one of these fails after an update, read
// MqttReading#prepare first.
import * as mqtt from 'mqtt'
import { afterEach, expect, it } from 'vitest'
import { FakeBroker } from './fixtures/fake-broker.ts'
import { until } from './fixtures/reader.ts'
import { loadMqtt } from './load-mqtt.ts'

const open: (() => unknown)[] = []

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await (close() as Promise<unknown>)
})

async function subscribed(version: 4 | 5, prepare: (client: mqtt.MqttClient) => void): Promise<FakeBroker> {
  const broker = await FakeBroker.start()
  open.push(() => broker.stop())
  const options = { clientId: 'c', clean: false, protocolVersion: version, manualConnect: true, reconnectPeriod: 0 }
  const client = mqtt.connect(broker.url, options)
  prepare(client)
  client.connect()
  open.push(() => client.endAsync(true))
  await new Promise((resolve) => client.once('connect', resolve))
  await client.subscribeAsync('#', { qos: 2 })
  return broker
}

const sent = (broker: FakeBroker) => broker.received.map(({ cmd }) => cmd).filter((cmd) => cmd.startsWith('pub'))

it.each([4, 5] as const)(
  'version %i: told QoS 0 as it receives, it passes the message on and acknowledges nothing',
  async (version) => {
    const passed: [topic: string, qos: number, id: number | undefined][] = []
    const broker = await subscribed(version, (client) => {
      client.on('packetreceive', (packet) => {
        if (packet.cmd === 'publish') packet.qos = 0
      })
      client.handleMessage = ({ topic, qos, messageId }, done) => {
        passed.push([topic, qos, messageId])
        done()
      }
    })
    for (const qos of [0, 1, 2] as const) broker.publish(`q${qos}`, 'x', { qos })
    await until(() => passed.length === 3, 'three messages')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(passed).toEqual([
      ['q0', 0, undefined],
      ['q1', 0, 1],
      ['q2', 0, 2]
    ])
    expect(sent(broker)).toEqual([])
  }
)

it.each([4, 5] as const)('version %i: a PUBREL of a message that it does not know is answered', async (version) => {
  const broker = await subscribed(version, () => {})
  broker.raw(Uint8Array.of(0x62, 2, 0, 7))
  await until(() => sent(broker).length === 1, 'an answer')
  expect(broker.received.at(-1)).toMatchObject({ cmd: 'pubcomp', messageId: 7 })
})

it('while a message is not taken, nothing more is parsed, and pings go out', async () => {
  const passed: string[] = []
  let goOn: (() => void) | undefined
  let client: mqtt.MqttClient | undefined
  const broker = await subscribed(5, (made) => {
    client = made
    made.handleMessage = ({ payload }, done) => {
      passed.push(payload.toString())
      goOn = done as () => void
    }
  })
  for (const text of ['a', 'b', 'c']) broker.publish('x', text, { qos: 0 })
  await until(() => passed.length === 1, 'the first')
  client?.sendPing()
  await until(() => broker.received.some(({ cmd }) => cmd === 'pingreq'), 'a ping')
  expect(passed).toEqual(['a'])
  goOn?.()
  await until(() => passed.length === 2, 'the second')
})

it('what is written to its stream goes out between its own packets', async () => {
  let client: mqtt.MqttClient | undefined
  const broker = await subscribed(5, (made) => {
    client = made
    made.handleMessage = (_, done) => (done as () => void)()
  })
  client?.sendPing()
  client?.stream.write(Uint8Array.of(0x40, 2, 1, 2, 0x40, 2, 1, 3))
  client?.sendPing()
  await until(() => broker.received.filter(({ cmd }) => cmd === 'pingreq').length === 2, 'two pings')
  expect(broker.acknowledged).toEqual([0x102, 0x103])
})

it('without the library the error says what to install', async () => {
  const missing = (): Promise<never> => Promise.reject(new Error('Cannot find package'))
  await expect(loadMqtt(undefined, missing)).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    message: "MQTT sources and sinks need the package 'mqtt'; install it with: npm install mqtt"
  })
  const given = { connect: mqtt.connect }
  expect(await loadMqtt(given, missing)).toBe(given)
  expect((await loadMqtt(undefined)).connect).toBeTypeOf('function')
})
