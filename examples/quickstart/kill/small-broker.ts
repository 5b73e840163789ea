import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Aedes, type AedesPublishPacket, type Client } from 'aedes'

/** What a broker has to keep for those with a persistent session; here in the memory of this process. */
interface Sessions {
  outgoingStream(client: { readonly id: string }): Readable
}

type Kept = AedesPublishPacket & { readonly messageId?: number }
/** What aedes has and does not declare. */
type Opened = Aedes & { persistence: Sessions; counter: number }
type Numbered = Client & { _nextId: number }

/**
 * An MQTT 3.1.1 broker inside this process: aedes, with what a broker with persistence keeps over its own restart (sessions,
 * the messages kept for them, packet ids) and with three things that the specification asks for and its store in memory does not do:
 * what is sent again is marked so (DUP), has an id that no other unacknowledged message has, and comes before anything newer.
 */
export class SmallBroker {
  restarts = 0
  /** Waits until no publisher has a message on its way. */
  untilQuiet: () => Promise<void> = async () => {}
  readonly #sockets = new Set<Socket>()
  readonly #connecting = new Set<Client>()
  readonly #ready = new Set<string>()
  readonly #subscribed = new Set<string>()
  readonly #nextIds = new Map<string, number>()
  #port = 0
  #server: Server | undefined
  #aedes: Opened | undefined

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`
  }

  /** Up, and nobody is being given what was kept for him. */
  get takesMore(): boolean {
    return this.#server !== undefined && this.#connecting.size === 0
  }

  /** Connected, subscribed, and given what was kept. */
  isReady(clientId: string): boolean {
    return this.#ready.has(clientId) && this.#subscribed.has(clientId)
  }

  async start(): Promise<void> {
    const before = this.#aedes
    const aedes = new Aedes({
      id: 'demo',
      persistence: before?.persistence,
      preConnect: (client, { clientId }, go) => void this.#meet(client, clientId).then(() => go(null, true))
    }) as Opened
    await aedes.listen()
    if (before) aedes.counter = before.counter
    else markRepeated(aedes.persistence)
    aedes.on('subscribe', (_topics, { id }) => this.#subscribed.add(id))
    aedes.on('clientReady', (client) => {
      this.#connecting.delete(client)
      this.#ready.add(client.id)
    })
    aedes.on('clientError', () => {})
    aedes.on('connectionError', () => {})
    this.#aedes = aedes
    await this.#listen(aedes)
  }

  /** The server, its connections and the broker behind it are gone for so long; sessions and kept messages come back. */
  async restart(downMs: number): Promise<void> {
    await this.close()
    await sleep(downMs)
    await this.start()
    this.restarts += 1
  }

  async close(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    await this.untilQuiet()
    const closed = once(server, 'close')
    server.close()
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((done) => this.#aedes?.close(done))
    await closed
  }

  /** How many messages are kept for a reader: not delivered yet, or not acknowledged. */
  async keptFor(id: string): Promise<number> {
    let count = 0
    for await (const _ of this.#aedes?.persistence.outgoingStream({ id }) ?? []) count += 1
    return count
  }

  async #listen(aedes: Aedes): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Before a client gets in: new messages wait, and its packet ids go on where they were. */
  async #meet(client: Client, id: string): Promise<void> {
    const numbered = client as Numbered
    this.#connecting.add(client)
    client.conn.once('close', () => {
      this.#connecting.delete(client)
      this.#ready.delete(id)
      this.#nextIds.set(id, numbered._nextId)
    })
    numbered._nextId = this.#nextIds.get(id) ?? 1
    await this.untilQuiet()
  }
}

function markRepeated(sessions: Sessions): void {
  const kept = sessions.outgoingStream.bind(sessions)
  sessions.outgoingStream = (client) =>
    Readable.from(
      kept(client).map((message: Kept) => ({ ...message, dup: message.messageId !== undefined })) as AsyncIterable<Kept>
    )
}
