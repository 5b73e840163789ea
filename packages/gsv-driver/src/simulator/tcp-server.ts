import { createServer, type Server, type Socket } from 'node:net'
import { InUseError, NotConnectedError } from '@messwerk/core/model'
import type { RealTime, Wire } from './real-time.ts'

/** How long a second host may wait for the first to go, ms. */
const PATIENCE_MS = 100

/**
 * Serves a simulated device over TCP as a transparent serial server does: one host at a time.
 *
 * @internal
 */
export class TcpServer {
  readonly #running: RealTime
  readonly #mostWaiting: number
  #server: Server | undefined
  #address: { readonly host: string; readonly port: number } | undefined
  #host: Socket | undefined

  /** @param mostWaiting - bytes that may wait for a host that does not read; beyond it frames are lost */
  constructor(running: RealTime, mostWaiting: number) {
    this.#running = running
    this.#mostWaiting = mostWaiting
  }

  /** @throws InUseError when another program has the port */
  async listen(host: string, port: number): Promise<string> {
    const server = createServer({ noDelay: true }, (socket) => this.#admit(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const resource = `tcp://${host}:${port}`
        if (error.code !== 'EADDRINUSE') return reject(new NotConnectedError(resource, error.message, { cause: error }))
        const hint = 'another program uses this port; leave the port out for a free one'
        reject(new InUseError(resource, hint, { cause: error }))
      })
      server.listen(port, host, resolve)
    })
    this.#server = server
    this.#address = { host, port: (server.address() as { readonly port: number }).port }
    return `tcp://${host}:${this.#address.port}`
  }

  /** The host is sent away, and none is let in. */
  async unplug(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    const closed = new Promise<void>((resolve) => (server ? void server.close(() => resolve()) : resolve()))
    this.#host?.resetAndDestroy()
    await closed
  }

  async plug(): Promise<void> {
    if (!this.#server && this.#address) await this.listen(this.#address.host, this.#address.port)
  }

  async close(): Promise<void> {
    this.#host?.destroy()
    const server = this.#server
    this.#server = undefined
    if (server) await new Promise<void>((resolve) => void server.close(() => resolve()))
  }

  /** One host at a time; the end of the one before may be seen a moment after the next one came. */
  #admit(socket: Socket): void {
    socket.on('error', () => {})
    const before = this.#host
    if (!before) return this.#serve(socket)
    const refuse = setTimeout(() => socket.destroy(), PATIENCE_MS)
    before.once('close', () => {
      clearTimeout(refuse)
      this.#serve(socket)
    })
  }

  #serve(socket: Socket): void {
    if (socket.destroyed) return
    if (this.#host || this.#running.isAttached || !this.#server) return void socket.destroy()
    this.#host = socket
    const mostWaiting = this.#mostWaiting
    const wire: Wire = {
      get hasRoom() {
        return socket.writableLength < mostWaiting
      },
      // the bytes are overwritten by the next frames, the socket may hold them longer
      send: (bytes) => void (socket.writable && socket.write(bytes.slice()))
    }
    this.#running.attach(wire)
    socket.on('data', (bytes) => this.#running.take(bytes))
    socket.on('close', () => {
      this.#running.detach(wire)
      this.#host = undefined
    })
  }
}
