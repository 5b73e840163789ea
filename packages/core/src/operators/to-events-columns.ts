import type { Block } from '../model/block.ts'
import type { EventValue, MeasurementEvent } from '../model/event.ts'
import type { Stream } from '../model/stream.ts'

/** What an event says of one scan. @internal */
export type ScanFacts = Pick<MeasurementEvent, 'score' | 'limit' | 'contributions' | 'values' | 'model'>

interface Shown {
  readonly name: string
  readonly unit: string
  /** Positions in the stream; -1 where it has no such channel. */
  readonly value: number
  readonly share: number
  readonly lower: number
  readonly upper: number
}

/**
 * Where a stream keeps what events are made of, found by name.
 *
 * @internal
 */
export class ToEventsColumns {
  readonly of: number
  readonly flag: number
  /** -1 where there is none. */
  readonly limit: number
  readonly isScore: boolean
  /** Where the version of the model stands, and its name; -1 where no model scored. */
  readonly #version: number
  readonly #model: string
  readonly #shown: readonly Shown[]

  constructor(stream: Stream, of: string) {
    const positions = new Map(stream.channels.map(({ name }, i) => [name, i]))
    this.of = stream.index(of)
    this.isScore = stream.channels[this.of]!.role === 'score'
    this.flag = positions.get(`${of}.flag`) ?? -1
    if (this.flag < 0) throw noFlag(stream, of)
    this.limit = positions.get(`${of}.limit`) ?? -1
    this.#model = stream.tags[`${of}.model`] ?? ''
    this.#version = this.#model === '' ? -1 : (positions.get(`${of}.version`) ?? -1)
    this.#shown = shownOf(stream, of, positions, this.isScore)
  }

  facts({ values, length }: Block, scan: number): ScanFacts {
    const at = (channel: number): number => (channel < 0 ? Number.NaN : values[channel * length + scan]!)
    const contributions: Record<string, number> = {}
    const shown: Record<string, EventValue> = {}
    for (const { name, unit, value, share, lower, upper } of this.#shown) {
      put(contributions, name, at(share))
      if (!Number.isFinite(at(value))) continue
      const entry = { value: at(value), unit }
      put(entry, 'lower', at(lower))
      put(entry, 'upper', at(upper))
      shown[name] = entry
    }
    const facts: { -readonly [F in keyof ScanFacts]: ScanFacts[F] } = {}
    if (this.isScore) put(facts, 'score', at(this.of))
    put(facts, 'limit', at(this.limit))
    if (Object.keys(contributions).length > 0) facts.contributions = contributions
    if (Object.keys(shown).length > 0) facts.values = shown
    if (Number.isFinite(at(this.#version))) facts.model = `${this.#model}@${at(this.#version)}`
    return facts
  }
}

/** Only finite numbers survive JSON. */
function put(to: object, name: string, value: number): void {
  if (Number.isFinite(value)) Object.assign(to, { [name]: value })
}

/** The channels that have a share; without shares the watched channel itself, where it is a value. */
function shownOf(stream: Stream, of: string, positions: ReadonlyMap<string, number>, isScore: boolean): Shown[] {
  const by = `${of}.by.`
  const names = stream.channels.flatMap(({ name }) => (name.startsWith(by) ? [name.slice(by.length)] : []))
  if (names.length === 0 && !isScore) names.push(of)
  const position = (name: string): number => positions.get(name) ?? -1
  return names.map((name) => ({
    name,
    unit: stream.channels[position(name)]?.unit ?? '1',
    value: position(name),
    share: position(`${by}${name}`),
    lower: position(`${of}.lower.${name}`),
    upper: position(`${of}.upper.${name}`)
  }))
}

function noFlag({ id }: Stream, of: string): RangeError {
  return new RangeError(
    `toEvents: stream '${id}' has no channel '${of}.flag': give detect a threshold, or use threshold({ of: '${of}', raise: .. }) first`
  )
}
