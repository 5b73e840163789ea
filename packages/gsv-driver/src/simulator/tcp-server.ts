import { createServer, type Server, type Socket } from 'node:net'
import type { Scheduler } from '@messwerk/core/driver'
import { InUseError, NotConnectedError } from '@messwerk/core/model'
import { RealTime } from './real-time.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/** What may wait for a host that does not read; beyond it frames are lost. */
const MOST_WAITING = 1024 * 1024

/**
 * Serves a simulated device over TCP as a transparent serial server does: one host at a time.
 *
 * @internal
 */
export class TcpServer {
  readonly #device: SimulatedDevice
  readonly #scheduler: Scheduler
  readonly #server: Server
  #host: Socket | undefined

  constructor(device: SimulatedDevice, scheduler: Scheduler) {
    this.#device = device
    this.#scheduler = scheduler
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket))
  }

  /** @throws InUseError when another program has the port */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const resource = `tcp://${host}:${port}`
        if (error.code !== 'EADDRINUSE') return reject(new NotConnectedError(resource, error.message, { cause: error }))
        reject(
          new InUseError(resource, 'another program uses this port; leave the port out for a free one', {
            cause: error
          })
        )
      })
      this.#server.listen(port, host, () => {
        const address = this.#server.address() as { readonly port: number }
        resolve(`tcp://${host}:${address.port}`)
      })
    })
  }

  async close(): Promise<void> {
    this.#host?.destroy()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    if (this.#host) return void socket.destroy()
    this.#host = socket
    const wire = {
      get hasRoom() {
        return socket.writableLength < MOST_WAITING
      },
      // the bytes are overwritten by the next frames, the socket may hold them longer
      send: (bytes: Uint8Array) => void socket.write(bytes.slice())
    }
    const running = new RealTime(this.#device, wire, this.#scheduler)
    socket.on('data', (bytes) => running.take(bytes))
    socket.on('error', () => {})
    socket.on('close', () => {
      running.stop()
      this.#host = undefined
    })
  }
}
