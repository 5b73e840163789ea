import { connect, createServer, type Server, type Socket } from 'node:net'

/** A link between two peers that can be cut, held half-open and slowed down. */
export class TcpProxy {
  target: number
  bytes = 0
  readonly #links = new Set<ProxiedLink>()
  readonly #server: Server
  #bytesPerSecond = Number.POSITIVE_INFINITY

  /** @param target - port on this machine */
  constructor(target: number) {
    this.target = target
    this.#server = createServer({ noDelay: true }, (near) => this.#join(near))
  }

  get links(): number {
    return this.#links.size
  }

  /** @returns the port to connect to */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port))
    })
  }

  /** Resets every connection (RST), as a cable that is pulled and put back. */
  cut(): void {
    for (const link of this.#links) link.reset()
  }

  /**
   * Forwards nothing any more on the connections there are, in neither direction, without closing them. New ones work.
   *
   * @returns what ends them
   */
  hold(): () => void {
    const held = [...this.#links]
    for (const link of held) link.hold()
    return () => {
      for (const link of held) link.reset()
    }
  }

  /** Lets so many bytes per second through on each connection and in each direction; without a number, all again at once. */
  slow(bytesPerSecond = Number.POSITIVE_INFINITY): void {
    this.#bytesPerSecond = bytesPerSecond
    if (bytesPerSecond === Number.POSITIVE_INFINITY) for (const link of this.#links) link.hurry()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()))
  }

  #join(near: Socket): void {
    const far = connect({ host: '127.0.0.1', port: this.target, noDelay: true })
    const link = new ProxiedLink(near, far, (bytes) => {
      this.bytes += bytes
      return this.#bytesPerSecond
    })
    this.#links.add(link)
    link.onClose = () => this.#links.delete(link)
  }
}

class ProxiedLink {
  onClose: () => void = () => {}
  readonly #near: Socket
  readonly #far: Socket
  readonly #speed: (bytes: number) => number
  readonly #late = new Map<NodeJS.Timeout, () => void>()
  #held = false
  #closed = false

  constructor(near: Socket, far: Socket, speed: (bytes: number) => number) {
    this.#near = near
    this.#far = far
    this.#speed = speed
    this.#forward(near, far)
    this.#forward(far, near)
  }

  hold(): void {
    this.#held = true
    this.#near.pause()
    this.#far.pause()
  }

  /** What was slowed down goes on. */
  hurry(): void {
    for (const [timer, go] of this.#late) {
      clearTimeout(timer)
      go()
    }
    this.#late.clear()
  }

  reset(): void {
    if (this.#closed) return
    this.#closed = true
    for (const socket of [this.#near, this.#far]) {
      // resetting what is being shut down leaves a handle that keeps Node 20 from ending
      if (socket.connecting || socket.writableEnded) socket.destroy()
      else socket.resetAndDestroy()
    }
    this.onClose()
  }

  #forward(from: Socket, to: Socket): void {
    let waits = 0
    const wait = (): void => {
      waits += 1
      from.pause()
    }
    const go = (): void => {
      waits -= 1
      if (waits === 0 && !this.#held) from.resume()
    }
    from.on('data', (bytes) => {
      const speed = this.#speed(bytes.length)
      if (!to.write(bytes)) {
        wait()
        to.once('drain', go)
      }
      if (!Number.isFinite(speed)) return
      wait()
      const timer = setTimeout(
        () => {
          this.#late.delete(timer)
          go()
        },
        (bytes.length / speed) * 1000
      )
      this.#late.set(timer, go)
    })
    from.on('end', () => !this.#held && to.end())
    from.on('error', () => !this.#held && this.reset())
    from.on('close', () => !this.#held && this.#ended(from, to))
  }

  #ended(from: Socket, to: Socket): void {
    if (from.readableEnded && !to.destroyed) return
    this.reset()
  }
}
