import { expect, it } from 'vitest'
import { planConnection } from './connection-options.ts'
import { kafkajsClient } from './kafkajs-client.ts'

const sasl = { mechanism: 'plain', username: 'u', password: 'p' } as const
const at = (host: string) => ({ host, port: 1, ssl: undefined, onConnect: () => {} })

it('a broker on another machine, named by one on this machine, gets no credentials without TLS', async () => {
  const { sockets } = await kafkajsClient(planConnection({ url: 'kafka://localhost', sasl }, 'x'))
  expect(() => sockets.factory(at('kafka-2'))).toThrow(
    'a broker of kafka://localhost: sasl needs a url that begins with'
  )
  const socket = sockets.factory(at('127.0.0.1'))
  socket.on('error', () => {})
  sockets.destroy()
})
