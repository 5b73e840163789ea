import { type Block, type Clock, defineStream, type Gap, joinGaps, Quality, type Stream } from '@messwerk/core/model'
import type { DataValue } from 'node-opcua-client'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import { PendingChanges } from './pending-changes.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { RowBuffer } from './row-buffer.ts'
import type { StreamMemory } from './stream-memory.ts'
import { numberAt, type ValueColumn } from './value-columns.ts'
import { clockOf, fineNs, wholeMs } from './value-time.ts'

/** @internal */
export interface RowsOptions {
  readonly id: string
  readonly nodes: readonly ResolvedNode[]
  readonly memory: StreamMemory
  readonly split: string
  readonly clock: 'source' | 'server'
  /** Of the channels that have no value at an instant: none, or the last one. */
  readonly between: 'missing' | 'hold'
  /** How far a time may lie behind the stream's last before its clock counts as set back, ms. */
  readonly toleranceMs: number
  readonly clockWentBack: (byMs: number) => void
}

const OVERFLOW = 0x480
/** Most ns from the base of a memory: 46 days, half of what stays a whole number. */
const MOST_NS = 4e15

/**
 * Rows of one stream out of the changes of its nodes: one for each instant at which any of them has a value.
 *
 * @internal
 */
export class StreamRows {
  readonly stream: Stream
  readonly #with: RowsOptions
  readonly #columnAt: readonly number[]
  /** Whether nothing new has come of a node in this connection: what comes may be known already. */
  readonly #isFirst: boolean[]
  readonly #lastOf: Float64Array
  /** The same when the connection was made. */
  readonly #since: Float64Array
  /** The same when the history began to be read. */
  readonly #recordedFrom: Float64Array
  readonly #buffer: RowBuffer
  #gap: Gap | undefined
  /** Of what was added. */
  #newest = Number.NEGATIVE_INFINITY
  readonly #hasCome: boolean[] = []
  readonly #pending = new PendingChanges()
  /** Of nodes that hold a list: the most that have a channel; else -1. */
  readonly #mostOf: Int32Array
  /** Of nodes that hold one number: its column. */
  readonly #only: readonly (ValueColumn | undefined)[]

  constructor(options: RowsOptions) {
    const { id, nodes, memory } = options
    this.#with = options
    this.stream = defineStream({ id, channels: nodes.flatMap(({ channels }) => channels) })
    const names = this.stream.channels.map(({ name }) => name)
    let at = 0
    this.#columnAt = nodes.map(({ columns }) => {
      at += columns.length
      return at - columns.length
    })
    this.#isFirst = nodes.map(() => true)
    this.#mostOf = Int32Array.from(nodes, ({ columns }) => mostOf(columns))
    this.#only = nodes.map(({ columns }) => (columns.length === 1 ? columns[0] : undefined))
    this.#lastOf = Float64Array.from(nodes, ({ plan }) => memory.lastOf(plan.name))
    this.#since = this.#lastOf.slice()
    this.#recordedFrom = this.#lastOf.slice()
    this.#buffer = new RowBuffer(this.stream, options.between === 'hold' ? memory.heldBy(names) : undefined)
  }

  /** Time of a node's last value, ms since the Unix epoch. */
  lastMs(node: number): number {
    return this.#with.memory.base + (this.#lastOf[node] as number) / 1e6
  }

  /** Declares a hole before the next row. */
  tear(gap: Gap): void {
    this.#gap = joinGaps(this.#gap, gap)
  }

  /** A change of a node. @param now - ms since the Unix epoch, of the arrival @throws SubscriptionGivenUp */
  add(node: number, value: DataValue, now: number): void {
    if (this.#isTooLong(node, value)) throw new SubscriptionGivenUp(this.#grown(node, value))
    const { clock, memory, toleranceMs, clockWentBack } = this.#with
    let of = clockOf(value, clock)
    let whole = wholeMs(value, of, now)
    let fine = fineNs(value, of, now)
    const time = (whole - memory.base) * 1e6 + fine
    const hadCome = this.#hasCome[node] === true
    if (this.#isKnown(node, time)) return
    const behind = Math.max(this.#newest, memory.last) - time
    if (behind > toleranceMs * 1e6 && hadCome) {
      // a clock that was set back: when it came is all that is known
      clockWentBack(behind / 1e6)
      of = 'arrival'
      whole = wholeMs(value, of, now)
      fine = fineNs(value, of, now)
    }
    this.#hasCome[node] = true
    this.#keep(node, value, of, whole, fine)
  }

  /** What is recorded from now on is behind the last values. */
  beginRecorded(): void {
    this.#recordedFrom.set(this.#lastOf)
  }

  /** A recorded value of a node; one that is known already is left out. @returns whether it fits the channels */
  addRecorded(node: number, value: DataValue, now: number): boolean {
    const of = clockOf(value, this.#with.clock)
    const whole = wholeMs(value, of, now)
    const fine = fineNs(value, of, now)
    const time = (whole - this.#with.memory.base) * 1e6 + fine
    // several may have the time of the last, also where they come one after the other
    if (time <= (this.#recordedFrom[node] as number) || time < (this.#lastOf[node] as number)) return true
    if (this.#isTooLong(node, value)) return false
    this.#keep(node, value, of, whole, fine)
    return true
  }

  #keep(node: number, { value, statusCode }: DataValue, clock: Clock, whole: number, fine: number): void {
    const time = (whole - this.#with.memory.base) * 1e6 + fine
    if (time > this.#newest) this.#newest = time
    const only = this.#only[node]
    const inner: unknown = value?.value
    this.#pending.add(node, time, whole, fine, clock, statusCode.value, only ? numberIn(inner, only) : inner)
  }

  /** Whether a list has no room in the channels of its node. */
  #isTooLong(node: number, { value }: DataValue): boolean {
    const most = this.#mostOf[node] as number
    return most >= 0 && lengthOf(value?.value) > most
  }

  #grown(node: number, { value }: DataValue): string {
    const { columns, plan } = this.#with.nodes[node] as ResolvedNode
    const now = lengthOf(value?.value)
    return `${plan.text} has ${now} values now and had ${columns.length}: its channels are made anew`
  }

  /**
   * Whether a value came before: the one that a new subscription begins with, or what the history had of the time since it
   * was made.
   */
  #isKnown(node: number, time: number): boolean {
    if (!this.#isFirst[node]) return false
    const isOld = time <= (this.#lastOf[node] as number)
    const isKnown = isOld && (!this.#hasCome[node] || time >= (this.#since[node] as number))
    this.#hasCome[node] = true
    if (!isOld) this.#isFirst[node] = false
    return isKnown
  }

  /** The rows of what was added, in the order of time. */
  take(position: number, historical = false): Block[] {
    const pending = this.#pending
    const { count } = pending
    const blocks: Block[] = []
    if (count === 0) return blocks
    const { memory, split } = this.#with
    const origin = historical ? { split, position, historical } : { split, position }
    const buffer = this.#buffer
    buffer.begin(count, memory.base, origin)
    const order = pending.order()
    for (let k = 0; k < count; k += 1) this.#row(order ? (order[k] as number) : k, blocks)
    buffer.flush(blocks, undefined)
    this.#newest = Number.NEGATIVE_INFINITY
    pending.clear()
    return blocks
  }

  #row(at: number, blocks: Block[]): void {
    const pending = this.#pending
    const node = pending.nodes[at] as number
    if (this.#isFar(pending.times[at] as number)) this.#rebase(pending.wholes[at] as number, blocks)
    const time = pending.times[at] as number
    if (time > (this.#lastOf[node] as number)) this.#lastOf[node] = time
    const status = pending.statuses[at] as number
    if ((status & OVERFLOW) === OVERFLOW) this.tear({ scans: 'unknown', cause: 'overflow' })
    this.#place(node, time, pending.clock(at), blocks)
    this.#write(node, at, status >>> 30)
  }

  /** Opens the row in which the value belongs. */
  #place(node: number, time: number, clock: Clock, blocks: Block[]): void {
    const { memory, toleranceMs } = this.#with
    const buffer = this.#buffer
    const first = this.#columnAt[node] as number
    if (time === memory.last && this.#gap === undefined && buffer.isOpen(clock) && !buffer.has(first)) return
    const rowTime = time > memory.last ? time : memory.last + 1
    const late = Math.max(rowTime - time, clock === 'arrival' ? toleranceMs * 1e6 : 0)
    if (this.#gap !== undefined || !buffer.isOpen(clock)) {
      buffer.flush(blocks, clock)
      buffer.gap = this.#gap
      this.#gap = undefined
    }
    memory.last = rowTime
    buffer.row(rowTime, late)
  }

  #write(node: number, at: number, severity: number): void {
    const pending = this.#pending
    const first = this.#columnAt[node] as number
    const quality = severity === 0 ? Quality.good : severity === 1 ? Quality.uncertain : Quality.bad
    if (this.#only[node]) return this.#put(first, pending.numbers[at] as number, quality)
    const { columns } = this.#with.nodes[node] as ResolvedNode
    const inner = pending.inner[at]
    for (let c = 0; c < columns.length; c += 1)
      this.#put(first + c, numberIn(inner, columns[c] as ValueColumn), quality)
  }

  #put(column: number, number: number, quality: number): void {
    if (quality === Quality.bad) this.#buffer.write(column, Number.NaN, quality)
    else this.#buffer.write(column, number, Number.isNaN(number) ? Quality.missing : quality)
  }

  /** Keeps the times of the last values for the next connection. */
  remember(): void {
    const { memory, nodes } = this.#with
    for (const [i, { plan }] of nodes.entries()) memory.note(plan.name, this.#lastOf[i] as number)
  }

  /** Whether a row would be so far from the base that 1 ns behind it is the same number. */
  #isFar(time: number): boolean {
    return Math.abs(time) > MOST_NS && time > this.#with.memory.last
  }

  #rebase(base: number, blocks: Block[]): void {
    const { memory } = this.#with
    const shift = (base - memory.base) * 1e6
    this.#buffer.rebase(blocks, base)
    memory.rebase(base)
    for (let i = 0; i < this.#lastOf.length; i += 1) {
      this.#lastOf[i] = (this.#lastOf[i] as number) - shift
      this.#since[i] = (this.#since[i] as number) - shift
      this.#recordedFrom[i] = (this.#recordedFrom[i] as number) - shift
    }
    this.#pending.rebase(base)
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? ((value as { readonly length?: number }).length ?? 0) : 0
}

function numberIn(value: unknown, column: ValueColumn): number {
  return typeof value === 'number' ? value : numberAt(value, column)
}

/** How many elements of a list have a channel; -1 where it is none. */
function mostOf(columns: readonly ValueColumn[]): number {
  const path = columns[0]?.path
  return path?.length === 1 && typeof path[0] === 'number' ? columns.length : -1
}
