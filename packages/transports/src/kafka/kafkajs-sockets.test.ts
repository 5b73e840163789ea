import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { planConnection } from './connection-options.ts'
import { kafkaError } from './kafka-errors.ts'
import { kafkajsClient } from './kafkajs-client.ts'

const sasl = { mechanism: 'plain', username: 'u', password: 'p' } as const
const at = (host: string) => ({ host, port: 1, ssl: undefined, onConnect: () => {} })

interface Connection {
  connect(): Promise<unknown>
}
const load = createRequire(import.meta.url)
const KafkajsConnection = load('kafkajs/src/network/connection') as new (options: object) => Connection

it('a broker on another machine, named by one on this machine, gets no credentials without TLS', async () => {
  const plan = planConnection({ url: 'kafka://localhost', sasl }, 'x')
  const { sockets } = await kafkajsClient(plan)
  const logger = { namespace: () => ({ debug: () => {}, error: () => {} }) }
  const connection = new KafkajsConnection({ ...at('kafka-2'), socketFactory: sockets.factory, logger })
  const failure = await connection.connect().catch((error: unknown) => error)
  expect((failure as Error).name).toBe('KafkaJSConnectionError')
  // it will not be another one when it is tried again
  expect(kafkaError(failure, plan, 'connecting')).toMatchObject({
    ...{ code: 'PROTOCOL_VIOLATION', retryable: false },
    message: expect.stringContaining('a broker of kafka://localhost: sasl needs a url that begins with')
  })
  const socket = sockets.factory(at('127.0.0.1'))
  socket.on('error', () => {})
  sockets.destroy()
})
