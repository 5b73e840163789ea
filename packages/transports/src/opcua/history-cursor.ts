import type { ClientSession, DataValue, HistoryData } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { clockOf, fineNs, wholeMs } from './value-time.ts'

/** What the cursors of one back-fill share. @internal */
export interface HistoryServer {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly clock: 'source' | 'server'
  /** ms since the Unix epoch. */
  readonly now: () => number
  /** Most values of an answer. */
  readonly pageSize: number
  /** Whether continuation points are kept from page to page; some servers have one or two of them. */
  keepsPoints: boolean
}

/** Behind the present. */
const AHEAD_MS = 60_000
/** What a double of ms is off. */
const EPSILON_MS = 0.0005
const SHORT = 'it does not reach back to the last value'
const CUT = 'it has more values within one ms than the server gives at once'

/**
 * The recorded values of one node behind the last that is known, a page at a time.
 *
 * @internal
 */
export class HistoryCursor {
  readonly #server: HistoryServer
  readonly #nodeId: unknown
  readonly #since: number
  /** What the node held when it began: what is newer is in the subscription, which was made before. */
  readonly #present: DataValue
  /** Whether the present is behind what is known: a clock that was set back is no end. */
  readonly #isBounded: boolean
  #from: number
  #last: DataValue | undefined
  /** Values at the time of the last that have come. */
  #atLast = 0
  #point: Buffer | undefined
  /** Whether the last answer had nothing behind `last`. */
  #isStuck = false
  #isEnded = false
  #page: readonly DataValue[] = []
  #at = 0
  #problem: string | undefined

  /** @param since - time of the last known value, ms since the Unix epoch */
  constructor(server: HistoryServer, nodeId: unknown, since: number, present: DataValue) {
    this.#server = server
    this.#nodeId = nodeId
    this.#since = since
    this.#from = Math.floor(since)
    this.#present = present
    this.#isBounded = (present.sourceTimestamp?.getTime() ?? Number.NEGATIVE_INFINITY) >= this.#from
    if (Number.isFinite(since)) return
    this.#isEnded = true
    this.#problem = SHORT
  }

  /** Why values may be missing before those of the page; told once. */
  problem(): string | undefined {
    const problem = this.#problem
    this.#problem = undefined
    return problem
  }

  /** Values of the page that have not been released. */
  get held(): number {
    return this.#page.length - this.#at
  }

  /** Whether there are no more pages behind this one. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Largest time of the page, ms since the Unix epoch. */
  newest(): number {
    let newest = Number.NEGATIVE_INFINITY
    for (let i = this.#at; i < this.#page.length; i += 1)
      newest = Math.max(newest, this.#timeOf(this.#page[i] as never))
    return newest
  }

  /** Hands over the values of the page up to a time, in order. */
  release(until: number, to: (value: DataValue) => void): void {
    while (this.#at < this.#page.length) {
      const value = this.#page[this.#at] as DataValue
      if (this.#timeOf(value) > until) return
      this.#at += 1
      to(value)
    }
  }

  /** Reads on until there are values, or no more come. @throws Error also where the server refuses */
  async fill(): Promise<void> {
    while (this.held === 0 && !this.#isEnded) await this.#read()
  }

  /** No more comes of it. */
  end(): void {
    this.#isEnded = true
  }

  /** Gives the server's continuation point back; the next page is asked for by time. */
  async giveBack(): Promise<void> {
    const continuationPoint = this.#point
    this.#point = undefined
    if (!continuationPoint) return
    await this.#request({ nodeId: this.#nodeId, continuationPoint }, true).catch(() => {}) // it ends with the session
  }

  async #read(): Promise<void> {
    const known = this.#point ? undefined : this.#last
    const values = await this.#ask()
    if (values === undefined) return // the point was of no use any more: by time
    const isFirst = this.#last === undefined
    const { fresh, hasMore } = this.#freshOf(values, known)
    this.#page = fresh
    this.#at = 0
    if (!hasMore) await this.#stop()
    else if (!this.#point) this.#isEnded = this.#isPast(values)
    else if (!this.#server.keepsPoints) await this.giveBack()
    const reaches = fresh[0] && this.#timeOf(fresh[0]) <= this.#since + EPSILON_MS
    if (isFirst && !reaches && (fresh[0] || this.#isEnded)) this.#problem = SHORT
    if (fresh.length > 0 && this.#isStuck) this.#problem = CUT
    this.#isStuck = fresh.length === 0 && this.#point === undefined
    const ms = this.#last?.sourceTimestamp?.getTime()
    if (ms !== undefined) this.#from = this.#isStuck ? ms + 1 : ms
  }

  /**
   * What of an answer is new, up to the present.
   *
   * @param known - the last value that had come before, where the answer begins at its time again
   */
  #freshOf(values: readonly DataValue[], known: DataValue | undefined) {
    let skip = this.#atLast
    const fresh: DataValue[] = []
    for (const value of values) {
      if (known && !isBehind(value, known)) {
        if (isBehind(known, value)) continue
        skip -= 1
        if (skip >= 0) continue
      }
      if (this.#isBounded && isBehind(value, this.#present)) return { fresh, hasMore: false }
      fresh.push(value)
      this.#atLast = this.#last && !isBehind(value, this.#last) ? this.#atLast + 1 : 1
      this.#last = value
    }
    return { fresh, hasMore: true }
  }

  async #stop(): Promise<void> {
    this.#isEnded = true
    await this.giveBack()
  }

  /**
   * Whether nothing is left behind an answer without a continuation point: servers may cut below what was asked for, and not
   * say that there is more, also within one ms.
   */
  #isPast(values: readonly DataValue[]): boolean {
    const last = this.#last
    return !last?.sourceTimestamp || values.length === 0 || !isBehind(this.#present, last)
  }

  async #ask(): Promise<readonly DataValue[] | undefined> {
    const continuationPoint = this.#point
    const nodeId = this.#nodeId
    const [result] = await this.#request(continuationPoint ? { nodeId, continuationPoint } : { nodeId }, false)
    this.#point = undefined
    if (!result) throw new Error('no answer')
    const { name } = result.statusCode
    if (continuationPoint && name === 'BadContinuationPointInvalid') return undefined
    if (result.statusCode.isBad()) throw new Error(name)
    this.#point = result.continuationPoint?.length ? result.continuationPoint : undefined
    return (result.historyData as HistoryData | null)?.dataValues ?? []
  }

  async #request(node: object, releaseContinuationPoints: boolean) {
    const { session, lib, pageSize } = this.#server
    const request = new lib.HistoryReadRequest({
      historyReadDetails: new lib.ReadRawModifiedDetails({
        isReadModified: false,
        startTime: new Date(this.#from),
        endTime: new Date(this.#now() + AHEAD_MS),
        numValuesPerNode: pageSize,
        returnBounds: false
      }),
      timestampsToReturn: lib.TimestampsToReturn.Both,
      releaseContinuationPoints,
      nodesToRead: [node]
    })
    return (await session.historyRead(request)).results ?? []
  }

  /** By the clock that is furthest on: that of the server, or of a device, may be ahead of ours. */
  #now(): number {
    const { sourceTimestamp, serverTimestamp } = this.#present
    return Math.max(this.#server.now(), sourceTimestamp?.getTime() ?? 0, serverTimestamp?.getTime() ?? 0)
  }

  #timeOf(value: DataValue): number {
    const { clock, now } = this.#server
    const of = clockOf(value, clock)
    const arrival = of === 'arrival' ? now() : 0
    return wholeMs(value, of, arrival) + fineNs(value, of, arrival) / 1e6
  }
}

function isBehind(value: DataValue, last: DataValue): boolean {
  if (!value.sourceTimestamp || !last.sourceTimestamp) return true
  const ms = value.sourceTimestamp.getTime() - last.sourceTimestamp.getTime()
  return ms > 0 || (ms === 0 && value.sourcePicoseconds > last.sourcePicoseconds)
}
