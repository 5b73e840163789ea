import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'

/** A data logger that keeps its lines: what `lineSource` reads, for tests and for trying out. */
export interface DataLogger {
  readonly port: number
  /** Connections it had. */
  readonly connections: number
  close(): Promise<void>
}

/** @param hangUpAfter - of the first connection: after so many lines */
export async function dataLogger(lines: readonly string[], hangUpAfter = lines.length + 1): Promise<DataLogger> {
  let connections = 0
  const server: Server = createServer((socket) => {
    connections += 1
    const most = connections === 1 ? hangUpAfter : lines.length + 1
    socket.on('error', () => {})
    socket.once('data', (request) => {
      const from = Number(/^from (\d+)/.exec(request.toString())?.[1])
      const asked = lines.concat('end').slice(from, from + most)
      for (const line of asked) socket.write(`${line}\n`)
      socket.end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    close: async () => void (await once(server.close(), 'close'))
  }
}
