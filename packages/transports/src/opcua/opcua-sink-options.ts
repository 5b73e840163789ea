import { type ConnectionPlan, type OpcuaConnectionOptions, planConnection } from './connection-options.ts'
import { type NodePlan, planNodes } from './node-plan.ts'

/**
 * A node that a channel is written to: an id or a path as in {@link OpcuaNode}, or either with options.
 *
 * @example
 * ```ts
 * import type { OpcuaTarget } from '@messwerk/transports/opcua'
 *
 * const speed: OpcuaTarget = { path: 'press3/speed', round: true }
 * speed.round // => true
 * ```
 */
export type OpcuaTarget =
  | string
  | {
      readonly node?: string | undefined
      readonly path?: string | readonly string[] | undefined
      /** Makes fractions the nearest whole number, where the node holds whole numbers. @defaultValue false: they are refused */
      readonly round?: boolean | undefined
    }

/**
 * A value that goes to a node, or would.
 *
 * @example
 * ```ts
 * import type { OpcuaWrite } from '@messwerk/transports/opcua'
 *
 * const write: OpcuaWrite = { stream: 'press-3', channel: 'speed', node: 'ns=2;s=speed', type: 'Int16', value: 12, time: 0 }
 * write.type // => 'Int16'
 * ```
 */
export interface OpcuaWrite {
  readonly stream: string
  readonly channel: string
  /** Its id as the server numbers namespaces now. */
  readonly node: string
  /** Its built-in type. */
  readonly type: string
  readonly value: number | boolean
  /** Of the row, ms since the Unix epoch. */
  readonly time: number
}

/**
 * Options of {@link opcuaSink}.
 *
 * @example
 * ```ts
 * import type { OpcuaSinkOptions } from '@messwerk/transports/opcua'
 *
 * const options: OpcuaSinkOptions = {
 *   url: 'opc.tcp://10.0.0.5:4840',
 *   pki: 'state/pki',
 *   streams: { 'press-3': { score: 'nsu=urn:plant;s=press3.score' } },
 *   rows: 'last',
 * }
 * options.rows // => 'last'
 * ```
 */
export interface OpcuaSinkOptions extends OpcuaConnectionOptions {
  /**
   * Streams by id, each with the nodes that its channels are written to; or a JSON file that holds the same. What it does
   * not name is not written.
   */
  readonly streams: Readonly<Record<string, Readonly<Record<string, OpcuaTarget>>>> | string
  /**
   * `last`: of each write the newest value of a channel, since a node is one value; nothing older than what was written
   * before. `all`: one row after the other, each in a request of its own.
   * @defaultValue 'last'
   */
  readonly rows?: 'last' | 'all' | undefined
  /** Whether a value is written with the time of its row as its source time, which many servers refuse. @defaultValue false */
  readonly time?: boolean | undefined
  /** Told of each value, in place of the server: everything is looked up and checked, nothing is written. */
  readonly dryRun?: ((write: OpcuaWrite) => void) | undefined
  /** @defaultValue `opcua:` and the url */
  readonly id?: string | undefined
}

/** Options that have been checked. @internal */
export interface SinkPlan {
  readonly connection: ConnectionPlan
  readonly nodes: readonly NodePlan[]
  readonly rows: 'last' | 'all'
  readonly withTime: boolean
  readonly dryRun: OpcuaSinkOptions['dryRun']
  readonly id: string
}

const WHAT = 'opcuaSink'

/** @throws TypeError or RangeError that names the option @internal */
export function planSink(options: OpcuaSinkOptions): SinkPlan {
  const { rows = 'last', time = false, dryRun, id } = options
  const connection = planConnection(options, WHAT)
  if (rows !== 'last' && rows !== 'all') {
    throw new RangeError(`${WHAT}: rows must be 'last' or 'all', got ${JSON.stringify(rows)}`)
  }
  if (dryRun !== undefined && typeof dryRun !== 'function') {
    throw new TypeError(`${WHAT}: dryRun must be a function that is told of each value, got ${typeof dryRun}`)
  }
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new TypeError(`${WHAT}: id must be a non-empty string, got ${String(id)}`)
  }
  return {
    connection,
    nodes: planNodes(options.streams, WHAT, ['node', 'path', 'round']),
    rows,
    withTime: time === true,
    dryRun,
    id: id ?? `opcua:${connection.url}`
  }
}
