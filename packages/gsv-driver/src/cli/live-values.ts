import { type Block, type Gap, joinGaps, Quality } from '@messwerk/core/model'

/** One channel, as it is shown. @internal */
export interface LiveValue {
  readonly name: string
  readonly unit: string
  last: number
  min: number
  max: number
  /** Whether a value since the last showing was not good. */
  doubtful: boolean
}

/** Clock and line, as they are shown. @internal */
export interface LiveState {
  readonly scans: number
  /** Measured scans per second, Hz. */
  readonly rate: number
  /** How much faster the device is than it says, parts per million. */
  readonly ppm: number
  /** Of the times, ± ms. */
  readonly uncertaintyMs: number
  readonly gaps: number
  readonly missing: Gap['scans']
  readonly lastGap: Gap | undefined
}

/** What has been measured since the last showing, and what is missing since the beginning. @internal */
export class LiveValues {
  values: LiveValue[] = []
  #nominal = Number.NaN
  #period = Number.NaN
  #uncertainty = Number.NaN
  #scans = 0
  #gaps = 0
  #missing: Gap | undefined
  #lastGap: Gap | undefined

  add(block: Block): void {
    const { stream, time, length } = block
    if (this.values.length !== stream.channels.length) this.values = fresh(block)
    if (block.gap) this.miss(block.gap)
    this.#nominal = stream.rate ?? Number.NaN
    this.#period = time.period ?? Number.NaN
    this.#uncertainty = time.uncertainty
    this.#scans += length
    for (const [c, value] of this.values.entries()) collect(value, block, c)
  }

  miss(gap: Gap): void {
    this.#gaps += 1
    this.#missing = joinGaps(this.#missing, gap)
    this.#lastGap = gap
  }

  get state(): LiveState {
    const rate = 1e9 / this.#period
    return {
      scans: this.#scans,
      rate,
      ppm: (rate / this.#nominal - 1) * 1e6,
      uncertaintyMs: this.#uncertainty / 1e6,
      gaps: this.#gaps,
      missing: this.#missing?.scans ?? 0,
      lastGap: this.#lastGap
    }
  }

  /** Begins anew with smallest and largest values. */
  shown(): void {
    for (const value of this.values) {
      value.min = Number.POSITIVE_INFINITY
      value.max = Number.NEGATIVE_INFINITY
      value.doubtful = false
    }
  }
}

function fresh({ stream }: Block): LiveValue[] {
  return stream.channels.map(({ name, unit }) => ({
    name,
    unit,
    last: Number.NaN,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    doubtful: false
  }))
}

function collect(value: LiveValue, { values, quality, length }: Block, channel: number): void {
  const from = channel * length
  for (let at = from; at < from + length; at += 1) {
    const sample = values[at] as number
    if (sample < value.min) value.min = sample
    if (sample > value.max) value.max = sample
    if (quality && quality[at] !== Quality.good) value.doubtful = true
  }
  value.last = values[from + length - 1] as number
}
