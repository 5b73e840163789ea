import { connect, isIP, Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { REFUSED } from './kafka-errors.ts'

const KEEP_ALIVE_MS = 30_000

/** What kafkajs asks a socket factory for. */
interface Asked {
  readonly host: string
  readonly port: number
  readonly ssl: ConnectionOptions | undefined
  readonly onConnect: () => void
}

/**
 * The sockets of one client, which kafkajs keeps to itself: a client that is given up must not wait for answers, and one
 * that lingers must not keep the process alive.
 *
 * @internal
 */
export class KafkajsSockets {
  readonly #open = new Set<Socket>()
  readonly #check: (host: string) => void
  #isUnref = false

  /** @param check - throws where there must be no connection: brokers name hosts that no url has named */
  constructor(check: (host: string) => void) {
    this.#check = check
  }

  readonly factory = ({ host, port, ssl, onConnect }: Asked): Socket => {
    const refusal = this.#refusalOf(host)
    // of what is thrown here kafkajs makes an error that may be retried; of one of a socket it keeps the code
    if (refusal) return new Socket().destroy(refusal)
    const name = isIP(host) ? {} : { servername: host }
    const socket = ssl ? connectTls({ host, port, ...name, ...ssl }, onConnect) : connect({ host, port }, onConnect)
    socket.setKeepAlive(true, KEEP_ALIVE_MS)
    socket.setNoDelay(true)
    if (this.#isUnref) socket.unref()
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    return socket
  }

  #refusalOf(host: string): Error | undefined {
    try {
      this.#check(host)
      return undefined
    } catch (error) {
      return Object.assign(error as Error, { code: REFUSED })
    }
  }

  unref(): void {
    this.#isUnref = true
    for (const socket of this.#open) socket.unref()
  }

  /** Ends them all at once; whoever waits for an answer gets an error. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy(new Error('closed'))
  }
}
