import { systemTime } from '@messwerk/core/driver'
import type { Batch, ReadOptions, Source } from '@messwerk/core/model'
import { ConditionLog } from './condition-log.ts'
import type { OpcuaCounters } from './opcua-counters.ts'
import { OpcuaReading } from './opcua-reading.ts'
import { type OpcuaSourceOptions, planSource, type SourcePlan } from './opcua-source-options.ts'
import type { Carried } from './reading-options.ts'

/**
 * A source that reads an OPC UA server, with what it knows of its subscription.
 *
 * @example
 * ```ts
 * import { type OpcuaSource, opcuaSource } from '@messwerk/transports/opcua'
 *
 * const source: OpcuaSource<'force'> = opcuaSource({
 *   url: 'opc.tcp://127.0.0.1:4840',
 *   security: 'None',
 *   streams: { press: { force: 'nsu=urn:plant;s=force' } },
 * })
 * source.counters().missing // => 0
 * ```
 */
export interface OpcuaSource<in C extends string> extends Source<C> {
  /** Since the source was made. */
  counters(): Readonly<OpcuaCounters>
}

/**
 * Measurements from an OPC UA server, by subscription.
 *
 * Each stream has the nodes that `streams` gives it as channels, and a row for each instant at which any of them has
 * changed; the others are missing there, or held. Bad values are missing with quality `bad`. What a queue of the server has lost
 * (overflow), and what no message has brought, is a declared gap.
 *
 * A lost connection is an error that may be retried: the pipeline reads again. Then namespaces and paths are resolved anew,
 * and the subscription is taken over where the server still has it, with what it has kept; else its history is read
 * (`backfill`) or a gap declared. Nothing is asked for while the pipeline does not want more: the server's queues hold it.
 *
 * @throws TypeError or RangeError when an option is wrong; the names of all wrong nodes are in one error.
 * `read` throws AuthError (credentials, our certificate); ProtocolError (the server's certificate is not trusted, no such
 * endpoint); DeviceError (nodes that it does not have, or that hold no numbers); NotConnectedError (also while its
 * certificate is out of date) and TimeoutError, which may be retried; MissingDependencyError without `node-opcua-client`.
 *
 * @example
 * ```ts
 * import { opcuaSource } from '@messwerk/transports/opcua'
 *
 * const source = opcuaSource({
 *   url: 'opc.tcp://127.0.0.1:4840',
 *   pki: 'state/pki',
 *   user: { name: 'reader', password: 'secret' },
 *   streams: { 'press-3': { force: 'nsu=urn:plant;s=force', vib: { path: 'press3/vib', unit: 'mm/s' } } },
 * })
 * source.id // => 'opcua:opc.tcp://127.0.0.1:4840'
 * source.replay // => 'none'
 * ```
 */
export function opcuaSource<const C extends string>(options: OpcuaSourceOptions<C>): OpcuaSource<C | `${C}.${string}`> {
  return new Subscribed(options)
}

class Subscribed<C extends string> implements OpcuaSource<C> {
  readonly id: string
  readonly replay = 'none'
  readonly #options: OpcuaSourceOptions<string>
  readonly #plan: SourcePlan
  readonly #carried: Carried = {
    position: -1,
    memories: new Map(),
    subscription: undefined,
    hasRead: false,
    keepAlives: 1,
    counters: { notifications: 0, republished: 0, missing: 0, takenOver: 0 },
    conditions: new ConditionLog()
  }
  #reading: OpcuaReading | undefined

  constructor(options: OpcuaSourceOptions<string>) {
    this.#options = options
    this.#plan = planSource(options)
    this.id = this.#plan.id
  }

  async *read(options: ReadOptions): AsyncGenerator<Batch<C>, void, void> {
    await this.#reading?.close()
    if (options.signal.aborted) return
    const from = options.from[this.id]
    this.#carried.position = Math.max(this.#carried.position, from ?? -1)
    const reading = new OpcuaReading({
      plan: this.#plan,
      carried: this.#carried,
      scheduler: this.#options.scheduler ?? systemTime,
      options,
      continues: this.#carried.hasRead || from !== undefined
    })
    this.#reading = reading
    try {
      await reading.open()
      for (let batch = await reading.next(); batch; batch = await reading.next()) yield batch as Batch<C>
    } catch (error) {
      if (!options.signal.aborted) throw error
    } finally {
      await reading.close()
    }
  }

  counters(): Readonly<OpcuaCounters> {
    return Object.assign({}, this.#carried.counters)
  }
}
