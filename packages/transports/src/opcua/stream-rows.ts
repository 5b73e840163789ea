import { type Block, type Clock, defineStream, type Gap, joinGaps, Quality, type Stream } from '@messwerk/core/model'
import type { DataValue } from 'node-opcua-client'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import type { ResolvedNode } from './resolve-nodes.ts'
import { RowBuffer } from './row-buffer.ts'
import type { StreamMemory } from './stream-memory.ts'
import { numberAt } from './value-columns.ts'
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
  readonly #buffer: RowBuffer
  #gap: Gap | undefined
  /** Of what was added. */
  #newest = Number.NEGATIVE_INFINITY
  readonly #hasCome: boolean[] = []
  #nodes: number[] = []
  #times: number[] = []
  #wholes: number[] = []
  #fines: number[] = []
  #values: DataValue[] = []
  #clocks: Clock[] = []

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
    this.#lastOf = Float64Array.from(nodes, ({ plan }) => memory.lastOf(plan.name))
    this.#since = this.#lastOf.slice()
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
    const why = this.#misfit(node, value)
    if (why !== undefined) throw new SubscriptionGivenUp(why)
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

  /** A recorded value of a node; one that is known already is left out. @returns whether it fits the channels */
  addRecorded(node: number, value: DataValue, now: number): boolean {
    const of = clockOf(value, this.#with.clock)
    const whole = wholeMs(value, of, now)
    const fine = fineNs(value, of, now)
    const time = (whole - this.#with.memory.base) * 1e6 + fine
    if (time <= (this.#lastOf[node] as number)) return true
    if (this.#misfit(node, value) !== undefined) return false
    this.#keep(node, value, of, whole, fine)
    return true
  }

  #keep(node: number, value: DataValue, clock: Clock, whole: number, fine: number): void {
    const time = (whole - this.#with.memory.base) * 1e6 + fine
    if (time > this.#newest) this.#newest = time
    this.#nodes.push(node)
    this.#times.push(time)
    this.#wholes.push(whole)
    this.#fines.push(fine)
    this.#values.push(value)
    this.#clocks.push(clock)
  }

  /** Why a value has no room in the channels of its node. */
  #misfit(node: number, { value }: DataValue): string | undefined {
    const { columns, plan } = this.#with.nodes[node] as ResolvedNode
    const path = columns[0]?.path
    if (path?.length !== 1 || typeof path[0] !== 'number') return undefined
    const length = lengthOf(value?.value)
    if (length <= columns.length) return undefined
    return `${plan.text} has ${length} values now and had ${columns.length}: its channels are made anew`
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
    const count = this.#nodes.length
    const blocks: Block[] = []
    if (count === 0) return blocks
    const { memory, split } = this.#with
    const origin = historical ? { split, position, historical } : { split, position }
    const buffer = this.#buffer
    buffer.begin(count, memory.base, origin)
    const order = orderOf(this.#times)
    for (let k = 0; k < count; k += 1) this.#row(order ? (order[k] as number) : k, blocks)
    buffer.flush(blocks, undefined)
    this.#newest = Number.NEGATIVE_INFINITY
    this.#nodes = []
    this.#times = []
    this.#wholes = []
    this.#fines = []
    this.#values = []
    this.#clocks = []
    return blocks
  }

  #row(at: number, blocks: Block[]): void {
    const node = this.#nodes[at] as number
    if (this.#isFar(this.#times[at] as number)) this.#rebase(this.#wholes[at] as number, blocks)
    const time = this.#times[at] as number
    const value = this.#values[at] as DataValue
    if (time > (this.#lastOf[node] as number)) this.#lastOf[node] = time
    const status = value.statusCode.value
    const hasOverflown = (status & OVERFLOW) === OVERFLOW
    if (hasOverflown) this.tear({ scans: 'unknown', cause: 'overflow' })
    this.#place(node, time, this.#clocks[at] as Clock, blocks)
    this.#write(node, value, status >>> 30)
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

  #write(node: number, { value }: DataValue, severity: number): void {
    const { columns } = this.#with.nodes[node] as ResolvedNode
    const at = this.#columnAt[node] as number
    const quality = severity === 0 ? Quality.good : severity === 1 ? Quality.uncertain : Quality.bad
    const inner: unknown = value?.value
    for (let c = 0; c < columns.length; c += 1) {
      const number = quality === Quality.bad ? Number.NaN : columnNumber(inner, columns[c] as never)
      const isMissing = quality !== Quality.bad && Number.isNaN(number)
      this.#buffer.write(at + c, number, isMissing ? Quality.missing : quality)
    }
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
    }
    for (let i = 0; i < this.#times.length; i += 1) {
      this.#times[i] = ((this.#wholes[i] as number) - base) * 1e6 + (this.#fines[i] as number)
    }
  }
}

function lengthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? ((value as { readonly length?: number }).length ?? 0) : 0
}

function columnNumber(value: unknown, column: Parameters<typeof numberAt>[1]): number {
  return typeof value === 'number' ? value : numberAt(value, column)
}

/** Indexes in the order of time; undefined where they are in order already. */
function orderOf(times: readonly number[]): Uint32Array | undefined {
  let isSorted = true
  for (let i = 1; i < times.length && isSorted; i += 1) isSorted = (times[i] as number) >= (times[i - 1] as number)
  if (isSorted) return undefined
  const order = Uint32Array.from(times, (_, i) => i)
  return order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b)
}
