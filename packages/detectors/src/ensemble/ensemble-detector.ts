import type { Detector, Samples, Snapshot } from '@messwerk/core/model'

/** @internal */
export interface EnsembleParts {
  readonly kind: string
  readonly version: number
  /** On one scale: -log10 of p. */
  readonly members: readonly Detector[]
  readonly combine: 'mean' | 'max'
  /** Whether scores are shares, 0..1. */
  readonly isRank: boolean
}

/** @internal */
export class EnsembleDetector implements Detector {
  readonly sequential: boolean
  readonly #parts: EnsembleParts
  readonly #members: readonly Detector[]
  /** Scores of the members for the scans at hand. */
  #scores: Float64Array = new Float64Array(0)
  #shares: Float64Array = new Float64Array(0)
  /** One scan of the samples that `process` goes through, and which one; -1 outside of `process`. */
  #one: Samples | undefined
  #asked: Samples | undefined
  #askedScan = -1

  constructor(parts: EnsembleParts) {
    this.#parts = parts
    this.#members = parts.members
    this.sequential = parts.members.some((member) => member.sequential ?? false)
  }

  get ready(): boolean {
    return this.#members.every((member) => member.ready)
  }

  gap(): void {
    for (const member of this.#members) member.gap?.()
  }

  fit(samples: Samples): void {
    for (const member of this.#members) member.fit(samples)
  }

  update(samples: Samples): void {
    for (const member of this.#members) member.update(samples)
  }

  score(samples: Samples, out: Float64Array = new Float64Array(samples.length)): Float64Array {
    const { length } = samples
    if (out.length < length) throw new RangeError(`ensemble: out must hold ${length} values, got ${out.length}`)
    this.#scoreMembers(samples)
    for (let i = 0; i < length; i += 1) out[i] = this.#combined(i, length)
    return out
  }

  process(
    samples: Samples,
    admit?: (score: number, scan: number) => boolean,
    out: Float64Array = new Float64Array(samples.length)
  ): Float64Array {
    if (out.length < samples.length)
      throw new RangeError(`ensemble: out must hold ${samples.length} values, got ${out.length}`)
    let isAdmitted = true
    const asDecided = (): boolean => isAdmitted
    const one = this.#oneOf(samples)
    for (let i = 0; i < samples.length; i += 1) {
      this.#copyScan(samples, i, one)
      this.#scoreMembers(one)
      out[i] = this.#combined(0, 1)
      isAdmitted = admit === undefined || this.#ask(admit, out[i]!, samples, i)
      for (const member of this.#members) member.process(one, asDecided)
    }
    return out
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    if (this.#asked === samples && this.#askedScan === scan) return this.#explain(this.#one!, 0, out)
    return this.#explain(samples, scan, out)
  }

  snapshot(): Snapshot {
    const { kind, version } = this.#parts
    return { kind, version, state: { members: this.#members.map((member) => member.snapshot()) } }
  }

  /** Scores of member `m` for scan `i` at `m * length + i`. */
  #scoreMembers(samples: Samples): void {
    const { length } = samples
    if (this.#scores.length < this.#members.length * length)
      this.#scores = new Float64Array(this.#members.length * length)
    this.#members.forEach((member, m) => {
      member.score(samples, this.#scores.subarray(m * length, (m + 1) * length))
    })
    if (this.#parts.isRank)
      for (let k = 0; k < this.#members.length * length; k += 1) this.#scores[k] = rankOf(this.#scores[k]!)
  }

  #combined(scan: number, length: number): number {
    if (!this.ready) return Number.NaN
    let [sum, largest, count] = [0, 0, 0]
    for (let m = 0; m < this.#members.length; m += 1) {
      const score = this.#scores[m * length + scan]!
      if (Number.isNaN(score)) continue
      // divided first: the sum of two large scores is no number any more
      sum += score / this.#members.length
      largest = Math.max(largest, score)
      count += 1
    }
    if (count === 0) return Number.NaN
    return this.#parts.combine === 'max' ? largest : Math.min(Number.MAX_VALUE, (sum * this.#members.length) / count)
  }

  #explain(samples: Samples, scan: number, given?: Float64Array): Float64Array {
    const width = samples.channels.length
    const out = given ?? new Float64Array(width)
    if (this.#shares.length < width) this.#shares = new Float64Array(width)
    this.#scoreMembers(samples)
    const { length } = samples
    const score = this.#combined(scan, length)
    const weights = this.#weights(scan, length, score)
    out.fill(Number.isNaN(score) ? score : 0, 0, width)
    this.#members.forEach((member, m) => {
      if (!(weights[m]! > 0)) return
      const shares = member.explain(samples, scan, this.#shares)
      let sum = 0
      for (let c = 0; c < width; c += 1) sum += shares[c]!
      for (let c = 0; c < width; c += 1) out[c] = out[c]! + (shares[c]! / sum) * weights[m]!
    })
    return out
  }

  /** The part of the score that each member has. */
  #weights(scan: number, length: number, score: number): readonly number[] {
    const own = this.#members.map((_, m) => this.#scores[m * length + scan]!)
    if (this.#parts.combine === 'max') {
      const decides = own.indexOf(score)
      return own.map((_, m) => (m === decides ? score : 0))
    }
    const answers = own.filter((one) => !Number.isNaN(one))
    const largest = Math.max(...answers)
    const sum = answers.reduce((total, one) => total + one / largest, 0)
    return own.map((one) => (one > 0 ? (score * (one / largest)) / sum : 0))
  }

  #ask(admit: (score: number, scan: number) => boolean, score: number, samples: Samples, scan: number): boolean {
    this.#asked = samples
    this.#askedScan = scan
    try {
      return admit(score, scan)
    } finally {
      this.#asked = undefined
    }
  }

  #oneOf({ channels, seconds }: Samples): Samples {
    const one = {
      channels,
      length: 1,
      values: new Float64Array(channels.length),
      seconds: typeof seconds === 'number' ? seconds : new Float64Array(1)
    }
    this.#one = one
    return one
  }

  #copyScan({ values, length, seconds }: Samples, scan: number, one: Samples): void {
    for (let c = 0; c < one.values.length; c += 1) one.values[c] = values[c * length + scan]!
    if (typeof seconds !== 'number') (one.seconds as Float64Array)[0] = seconds[scan]!
  }
}

/** Share of normal scans that score lower. */
function rankOf(decades: number): number {
  return 1 - Math.exp(-decades * Math.LN10)
}
