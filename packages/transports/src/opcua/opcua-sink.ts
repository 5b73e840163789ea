import { BatchError, type Block, isSdkError, NotConnectedError, type Sink } from '@messwerk/core/model'
import { type DueWrite, everyRow, keyOf, lastRow } from './due-writes.ts'
import { loadOpcua, type OpcuaLibrary } from './load-opcua.ts'
import { opcuaError } from './opcua-errors.ts'
import { type OpcuaSinkOptions, planSink, type SinkPlan } from './opcua-sink-options.ts'
import { type OpenSession, openSession } from './open-session.ts'
import { type WritableNode, writableNodes } from './writable-nodes.ts'
import { writeValues } from './write-values.ts'

/** A session, and the nodes as it knows them. */
interface Connection {
  readonly lib: OpcuaLibrary
  readonly open: OpenSession
  readonly nodes: ReadonlyMap<string, readonly WritableNode[]>
}

/** A session that nobody has used for long is gone. */
const SESSION_GONE =
  /Bad(SessionIdInvalid|SessionClosed|SessionNotActivated|SecureChannelClosed|SecureChannelIdInvalid)/

/**
 * Writes channels of blocks to nodes of an OPC UA server.
 *
 * Only the nodes that `streams` names are written to. At `open` each is looked up, with its type and its access level: an
 * array, a structure, a text, or a node that may not be written is refused there. A number is converted to the node's type; one that
 * does not fit is refused, never cut off. Missing values are not written.
 *
 * A node is one value, so with `rows: 'last'` a write sets it to the newest, and nothing older than before is written again.
 *
 * @throws TypeError or RangeError when an option is wrong; the names of all wrong nodes are in one error.
 * `open` rejects as the `read` of {@link opcuaSource}, with DeviceError for nodes that cannot be written to, all in one error.
 * `write` rejects with NotConnectedError and TimeoutError, and with a BatchError that names the blocks of which the server has refused
 * a value (DeviceError with its status, NotConnectedError where that passes), or of which one does not fit (ProtocolError).
 *
 * @example
 * ```ts
 * import { opcuaSink } from '@messwerk/transports/opcua'
 *
 * const sink = opcuaSink({
 *   url: 'opc.tcp://10.0.0.5:4840',
 *   pki: 'state/pki',
 *   user: { name: 'writer', password: 'secret' },
 *   streams: { 'press-3': { score: 'nsu=urn:plant;s=press3.score', speed: { path: 'press3/speed', round: true } } },
 * })
 * sink.id // => 'opcua:opc.tcp://10.0.0.5:4840'
 * await sink.close?.() // => undefined
 * ```
 */
export function opcuaSink(options: OpcuaSinkOptions): Sink<Block> {
  return new Writer(planSink(options))
}

class Writer implements Sink<Block> {
  readonly id: string
  readonly #plan: SinkPlan
  /** Time of the last value, by node. */
  readonly #written = new Map<string, bigint>()
  #connection: Promise<Connection> | undefined
  #isKnown = false

  constructor(plan: SinkPlan) {
    this.id = plan.id
    this.#plan = plan
  }

  async open(): Promise<void> {
    await this.#connected()
  }

  async write(items: readonly Block[], signal?: AbortSignal): Promise<void> {
    if (items.length === 0) return
    try {
      await this.#write(items, signal)
    } catch (error) {
      if (!SESSION_GONE.test(String(error)) || isSdkError(error)) throw await this.#broken(error)
      await this.#drop()
      await this.#write(items, signal).catch(async (again: unknown) => {
        throw await this.#broken(again)
      })
    }
  }

  async close(): Promise<void> {
    await this.#drop()
  }

  async #write(items: readonly Block[], signal: AbortSignal | undefined): Promise<void> {
    const { connection, rows, withTime, dryRun } = this.#plan
    const { lib, open, nodes } = await this.#connected()
    const { requests, failed } = rows === 'all' ? everyRow(items, nodes) : lastRow(items, nodes, this.#written)
    const target = { session: open.session, lib, url: connection.url, withTime }
    for (const request of requests) {
      signal?.throwIfAborted()
      if (dryRun) {
        for (const due of request) this.#wrote(due, dryRun)
        continue
      }
      const passing = await writeValues(request, target, failed, (due) => this.#wrote(due))
      if (!passing || rows !== 'all') continue
      // rows behind it would be written before it: the node would end at an older value
      for (let item = passing.item; item < items.length; item += 1) failed.set(item, passing.error)
      break
    }
    if (failed.size > 0) throw new BatchError(this.id, new Map([...failed].sort(([a], [b]) => a - b)))
  }

  #wrote(due: DueWrite, dryRun?: SinkPlan['dryRun']): void {
    const { node, number, value, time } = due
    this.#written.set(keyOf(node), time)
    dryRun?.({
      stream: node.plan.stream,
      channel: node.plan.name,
      node: node.nodeId.toString(),
      type: node.type,
      value: typeof value === 'object' ? Math.round(number) : value,
      time: Number(time) / 1e6
    })
  }

  /** The connection, made anew when it has ended; writes at the same time share it. */
  #connected(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const opening: Promise<Connection> = this.#connect(() => {
      if (this.#connection === opening) this.#connection = undefined
    })
    this.#connection = opening
    opening.catch(() => {
      if (this.#connection === opening) this.#connection = undefined
    })
    return opening
  }

  async #connect(lost: () => void): Promise<Connection> {
    const { connection, nodes: plans } = this.#plan
    const lib = await loadOpcua(connection.lib)
    const open = await openSession(connection, lib, lost)
    try {
      const about = { url: connection.url, isKnown: this.#isKnown }
      const found = await writableNodes(open.session, lib, plans, about)
      this.#isKnown = true
      const nodes = new Map<string, WritableNode[]>()
      for (const node of found) nodes.set(node.plan.stream, [...(nodes.get(node.plan.stream) ?? []), node])
      return { lib, open, nodes }
    } catch (error) {
      await open.close(false)
      throw opcuaError(error, connection.url, connection.timeoutMs)
    }
  }

  /** The error of a write; what is not about single items ends the connection. */
  async #broken(error: unknown): Promise<unknown> {
    if (isSdkError(error) && error.code === 'BATCH_FAILED') return error
    const { url, timeoutMs } = this.#plan.connection
    await this.#drop()
    const known = opcuaError(error, url, timeoutMs)
    return SESSION_GONE.test(known.message) ? new NotConnectedError(url, known.message, { cause: error }) : known
  }

  async #drop(): Promise<void> {
    const connection = this.#connection
    this.#connection = undefined
    const made = await connection?.catch(() => undefined)
    await made?.open.close(false)
  }
}
