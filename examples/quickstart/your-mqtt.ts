// Your MQTT broker: the first readings of a topic. Without a url, a broker inside this process and a furnace that is made up.
//   npm run example your-mqtt.ts mqtt://192.168.0.10 'line/{machine}' temperature=Cel pressure=bar
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { column, observe, timeOf } from '@messwerk/core'
import { json, mqttSource } from '@messwerk/transports/mqtt'
import { Aedes } from 'aedes'
import { take } from 'rxjs'

const [given, topics = 'line/{machine}', ...pairs] = process.argv.slice(2)
const channels = Object.fromEntries((pairs.length > 0 ? pairs : ['temperature=Cel']).map((pair) => pair.split('=')))
const own = given ? undefined : await ownBroker()

// QoS 0 and no session, to look at: nothing is kept while nobody looks. A pipeline takes QoS 1 and a `clientId`.
const source = mqttSource({
  url: given ?? (own as { url: string }).url,
  version: 4, // MQTT 3.1.1, which every broker speaks
  qos: 0,
  topics,
  payload: json({ channels })
})
observe(source)
  .pipe(take(5))
  .subscribe({
    next(block) {
      const { id, channels } = block.stream
      const values = channels.map(({ name, unit }) => `${name} ${column(block, name)[0]} ${unit}`)
      console.log(`${new Date(timeOf(block)).toISOString()} ${id}: ${values.join(', ')}`)
    },
    error: (error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    },
    complete: () => own?.close()
  })

/** A broker on a free port, to which a furnace publishes ten times a second. */
async function ownBroker(): Promise<{ readonly url: string; close(): void }> {
  const broker = await Aedes.createBroker()
  const server = createServer((socket) => void broker.handle(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const furnace = setInterval(() => {
    const temperature = Math.round(8200 + 50 * Math.random()) / 10
    const payload = JSON.stringify({ temperature })
    broker.publish({ cmd: 'publish', topic: 'line/furnace-1', payload, qos: 0, dup: false, retain: false }, () => {})
  }, 100)
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      clearInterval(furnace)
      broker.close()
      server.close()
    }
  }
}
