import type { Scheduler } from '@messwerk/core/driver'
import { type Duration, durationMs } from '@messwerk/core/model'
import { type ConnectionPlan, type OpcuaConnectionOptions, planConnection } from './connection-options.ts'
import { type NodePlan, type OpcuaStreams, planNodes } from './node-plan.ts'

/**
 * A node whose events are handed over: an id or a path as in {@link OpcuaNode}, or either with the least severity (0 to 1000).
 *
 * @example
 * ```ts
 * import type { OpcuaNotifier } from '@messwerk/transports/opcua'
 *
 * const alarms: OpcuaNotifier = { path: 'press3', severity: 500 }
 * alarms.severity // => 500
 * ```
 */
export type OpcuaNotifier =
  | string
  | {
      readonly node?: string | undefined
      readonly path?: string | readonly string[] | undefined
      /** @defaultValue 0 */
      readonly severity?: number | undefined
    }

/**
 * Options of {@link opcuaSource}.
 *
 * @example
 * ```ts
 * import type { OpcuaSourceOptions } from '@messwerk/transports/opcua'
 *
 * const options: OpcuaSourceOptions<'force'> = {
 *   url: 'opc.tcp://10.0.0.5:4840',
 *   pki: 'state/pki',
 *   streams: { 'press-3': { force: 'nsu=urn:plant;s=force' } },
 *   publishing: '500ms',
 *   sampling: '100ms',
 * }
 * options.publishing // => '500ms'
 * ```
 */
export interface OpcuaSourceOptions<C extends string> extends OpcuaConnectionOptions {
  /** Streams by id, each with its nodes by channel name; or a JSON file that holds the same. */
  readonly streams: OpcuaStreams<C> | string
  /**
   * Events by stream: the node that tells of them (an area, a machine, `i=2253` for all of the server). Alarms have a
   * beginning and an end, other events are notices. With it `streams` may be empty.
   */
  readonly events?: Readonly<Record<string, OpcuaNotifier>> | undefined
  /** How often the server sends what has changed. @defaultValue '500ms' */
  readonly publishing?: Duration | undefined
  /** How often the server looks at a node; `'0ms'`: as often as it can. @defaultValue `publishing` */
  readonly sampling?: Duration | undefined
  /** How long the server is to keep values while nobody asks for them; queues are sized for it. @defaultValue '1min' */
  readonly outage?: Duration | undefined
  /** Values that the server keeps of each node. @defaultValue computed from `outage` and the intervals */
  readonly queue?: number | undefined
  /** Whose time a value has: of the device or of the server. @defaultValue 'source' */
  readonly clock?: 'source' | 'server' | undefined
  /**
   * What the channels of a stream are at an instant at which only others have changed: `missing`, or what they were
   * (`hold`), which is what OPC UA means by not reporting them.
   * @defaultValue 'missing'
   */
  readonly between?: 'missing' | 'hold' | undefined
  /** `subscribe`; or `poll`: read every `publishing`, also used where a server has no subscriptions, if no events are asked for. @defaultValue 'subscribe' */
  readonly mode?: 'subscribe' | 'poll' | undefined
  /** Reads from the server's history what a new subscription has missed, before what is new. @defaultValue false */
  readonly backfill?: boolean | undefined
  /** Of the source and its split, for checkpoints. @defaultValue `opcua:` and the url */
  readonly id?: string | undefined
  /** @defaultValue systemTime */
  readonly scheduler?: Scheduler | undefined
}

/** Options that have been checked. @internal */
export interface SourcePlan {
  readonly connection: ConnectionPlan
  readonly nodes: readonly NodePlan[]
  readonly notifiers: readonly NodePlan[]
  readonly publishMs: number
  readonly samplingMs: number
  readonly outageMs: number
  readonly queue: number | undefined
  readonly clock: 'source' | 'server'
  readonly between: 'missing' | 'hold'
  readonly mode: 'subscribe' | 'poll'
  readonly backfills: boolean
  readonly id: string
}

const WHAT = 'opcuaSource'

/** @throws TypeError or RangeError that names the option @internal */
export function planSource(options: OpcuaSourceOptions<string>): SourcePlan {
  const { publishing = '500ms', sampling = publishing, outage = '1min', queue, backfill = false } = options
  const { clock = 'source', between = 'missing', mode = 'subscribe', id } = options
  const connection = planConnection(options, WHAT)
  const publishMs = durationMs(publishing, `${WHAT}: publishing`)
  if (publishMs < 10) throw new RangeError(`${WHAT}: publishing must be at least 10 ms, got '${publishing}'`)
  if (queue !== undefined && !(Number.isInteger(queue) && queue >= 2 && queue <= 0xffffffff)) {
    throw new RangeError(`${WHAT}: queue must be a whole number from 2 (1 loses values without a word), got ${queue}`)
  }
  checkOneOf(clock, ['source', 'server'], 'clock')
  checkOneOf(between, ['missing', 'hold'], 'between')
  checkOneOf(mode, ['subscribe', 'poll'], 'mode')
  if (id !== undefined && (typeof id !== 'string' || id === '')) {
    throw new TypeError(`${WHAT}: id must be a non-empty string, got ${String(id)}`)
  }
  const notifiers = planNotifiers(options.events)
  if (notifiers.length > 0 && mode === 'poll') throw new RangeError(`${WHAT}: events need mode 'subscribe', got 'poll'`)
  return {
    connection,
    nodes: notifiers.length > 0 && isEmpty(options.streams) ? [] : planNodes(options.streams, WHAT),
    notifiers,
    publishMs,
    samplingMs: durationMs(sampling, `${WHAT}: sampling`),
    outageMs: durationMs(outage, `${WHAT}: outage`),
    queue,
    clock,
    between,
    mode,
    backfills: backfill === true,
    id: id ?? `opcua:${connection.url}`
  }
}

function planNotifiers(events: unknown): NodePlan[] {
  if (events === undefined) return []
  if (typeof events !== 'object' || events === null || isEmpty(events)) {
    throw new TypeError(`${WHAT}: events must be an object of notifiers by stream, such as { plant: 'i=2253' }`)
  }
  return planNodes({ events }, WHAT, ['node', 'path', 'severity'])
}

function isEmpty(streams: unknown): boolean {
  return typeof streams === 'object' && streams !== null && Object.keys(streams).length === 0
}

function checkOneOf(value: string, allowed: readonly string[], option: string): void {
  if (allowed.includes(value)) return
  throw new RangeError(`${WHAT}: ${option} must be '${allowed.join("' or '")}', got ${JSON.stringify(value)}`)
}
