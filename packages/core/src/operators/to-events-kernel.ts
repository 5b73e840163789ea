import { type Block, timeNs, timeOf } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { EventKernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { type ScanFacts, ToEventsColumns } from './to-events-columns.ts'

/** An event that has not ended. Plain values, as it is part of checkpoints. */
interface OpenEvent {
  readonly id: string
  readonly start: number
  /** 1 where the peak is the largest value, -1 where it is the smallest. */
  readonly side: 1 | -1
  peakValue: number
  peak: number
  facts: ScanFacts
  /** Where and when the event ends, ms, if its last scan so far was the last of all. */
  lastEnd: number
  lastOrigin: MeasurementEvent['origin']
  /** Whether it has not lasted long enough to be told of. */
  isHeld?: boolean
}

interface ToEventsState {
  readonly open: OpenEvent | undefined
  readonly before: number
}

const NONE: readonly MeasurementEvent[] = []
/** ms by which times since 1970, as numbers, may be off. */
const ROUNDING = 0.001

/** Groups the flags of one stream into events. @internal */
export class ToEventsKernel implements EventKernel {
  readonly #stream: Stream
  readonly #rule: string
  readonly #model: string | undefined
  readonly #columns: ToEventsColumns
  /** Events that do not last for so many ms are left out. */
  readonly #leastMs: number
  #open: OpenEvent | undefined
  /** Watched value of the scan before: tells from which side a limit was reached. */
  #before = Number.NaN

  constructor(stream: Stream, of: string, model: string | undefined, leastMs = 0) {
    this.#leastMs = leastMs
    this.#stream = stream
    this.#rule = of
    this.#model = model
    this.#columns = new ToEventsColumns(stream, of)
  }

  process(block: Block): readonly MeasurementEvent[] {
    const { length, values } = block
    const flags = this.#columns.flag * length
    const events: MeasurementEvent[] = []
    // what a hole has cut short goes on behind it on the side it was on, also from within the band
    let side: 1 | -1 | undefined
    if (block.gap !== undefined && this.#open) {
      side = this.#open.side
      this.#cutShort(this.#open, 'gap', events)
    }
    let i = 0
    while (i < length) {
      if (this.#open) {
        const from = i
        while (i < length && !(values[flags + i]! < 2)) i += 1
        const told = this.#open.isHeld ? this.#lasting(this.#open, block, from, i) : from
        this.#follow(this.#open, block, from, told)
        if (this.#open.isHeld && told < i) events.push(this.#tell(this.#open, block, told))
        this.#follow(this.#open, block, told, i)
        if (i < length) this.#close(block, i, events)
      } else {
        while (i < length && values[flags + i] !== 2) i += 1
        if (i < length) this.#begin(block, i, i === 0 ? side : undefined, events)
      }
    }
    this.#before = values[this.#columns.of * length + length - 1]!
    return events.length === 0 ? NONE : events
  }

  flush(): readonly MeasurementEvent[] {
    const events: MeasurementEvent[] = []
    if (this.#open) this.#cutShort(this.#open, 'end of data', events)
    return events
  }

  snapshot(): unknown {
    const state: ToEventsState = { open: structuredClone(this.#open), before: this.#before }
    return state
  }

  restore(state: unknown): void {
    const { open, before } = structuredClone(state) as ToEventsState
    this.#open = open
    this.#before = before
  }

  #begin(block: Block, scan: number, side: 1 | -1 | undefined, events: MeasurementEvent[]): void {
    const start = timeOf(block, scan)
    const origin = originOf(block, scan)
    const open: OpenEvent = {
      id: `${this.#stream.id}/${this.#rule}/${timeNs(block, scan)}`,
      start,
      side: side ?? this.#sideOf(block, scan),
      peakValue: block.values[this.#columns.of * block.length + scan]!,
      peak: start,
      facts: this.#columns.facts(block, scan),
      lastEnd: start,
      lastOrigin: origin
    }
    this.#open = open
    if (this.#leastMs > 0) open.isHeld = true
    else events.push(this.#event(open, 'begin', origin))
  }

  /** The first of these flagged scans at which the event has lasted long enough; `to` when there is none. */
  #lasting({ start }: OpenEvent, block: Block, from: number, to: number): number {
    let i = from
    while (i < to && timeOf(block, i) - start < this.#leastMs - ROUNDING) i += 1
    return i
  }

  #tell(open: OpenEvent, block: Block, scan: number): MeasurementEvent {
    this.#follow(open, block, scan, scan + 1)
    delete open.isHeld
    return this.#event(open, 'begin', originOf(block, scan))
  }

  /** Takes in the scans from `from` up to `to` (not included), all of them flagged. */
  #follow(open: OpenEvent, block: Block, from: number, to: number): void {
    if (to === from) return
    const of = this.#columns.of * block.length
    let peak = -1
    for (let i = from; i < to; i += 1) {
      const value = block.values[of + i]!
      if (!(open.side * value > open.side * open.peakValue)) continue
      open.peakValue = value
      peak = i
    }
    if (peak >= 0) {
      open.peak = timeOf(block, peak)
      open.facts = this.#columns.facts(block, peak)
    }
    open.lastEnd = behind(block, to - 1)
    open.lastOrigin = originOf(block, to - 1)
  }

  #close(block: Block, scan: number, events: MeasurementEvent[]): void {
    const open = this.#open!
    this.#open = undefined
    if (!open.isHeld) events.push(this.#event(open, 'end', originOf(block, scan), timeOf(block, scan)))
  }

  #cutShort(open: OpenEvent, endedBy: 'gap' | 'end of data', events: MeasurementEvent[]): void {
    this.#open = undefined
    if (!open.isHeld) events.push(this.#event(open, 'end', open.lastOrigin, open.lastEnd, { endedBy }))
  }

  #event(
    { id, start, peak, facts }: OpenEvent,
    phase: 'begin' | 'end',
    origin: MeasurementEvent['origin'],
    end?: number,
    data?: unknown
  ): MeasurementEvent {
    const event = { id, kind: 'anomaly', phase, stream: this.#stream.id, rule: this.#rule, start } as const
    if (end !== undefined) Object.assign(event, { peak, end })
    Object.assign(event, facts, this.#model !== undefined && { model: this.#model }, { origin })
    if (data !== undefined) Object.assign(event, { data })
    return event as unknown as MeasurementEvent
  }

  /** A score is bad above its limit. A value is on the side of its limit it is on, or, right at it, did not come from. */
  #sideOf(block: Block, scan: number): 1 | -1 {
    const { of, limit, isScore } = this.#columns
    if (isScore || limit < 0) return 1
    const at = block.values[limit * block.length + scan]!
    const value = block.values[of * block.length + scan]!
    if (value !== at) return value < at ? -1 : 1
    const before = scan === 0 ? this.#before : block.values[of * block.length + scan - 1]!
    return before > at ? -1 : 1
  }
}

function originOf({ origin }: Block, scan: number): MeasurementEvent['origin'] {
  return { split: origin.split, position: origin.positions?.[scan] ?? origin.position }
}

/** One period behind a scan, ms; the scan itself where scans come at irregular times. */
function behind(block: Block, scan: number): number {
  if (block.time.period !== undefined) return timeOf(block, scan + 1)
  const { rate } = block.stream
  return timeOf(block, scan) + (rate === undefined ? 0 : 1000 / rate)
}
