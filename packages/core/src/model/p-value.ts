import { calibrationScores } from './calibration-scores.ts'
import type { Channel } from './channel.ts'
import type { Detector, DetectorSpec } from './detector.ts'
import { SnapshotIncompatibleError } from './errors.ts'
import { PValueScale } from './p-value-scale.ts'
import type { Samples } from './samples.ts'
import { samplesWithin } from './samples-within.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * How {@link pValue} learns.
 *
 * @example
 * ```ts
 * import type { PValueOptions } from '@messwerk/core/model'
 *
 * const options: PValueOptions = { adapts: true }
 * options.adapts // => true
 * ```
 */
export interface PValueOptions {
  /** Whether the detector will go on learning once it scores; its scale stays that of `fit`. @defaultValue false */
  readonly adapts?: boolean | undefined
}

/**
 * Puts the scores of any detector on one scale: -log10 of the share of normal scans that score at least as high. 0 is usual, 2 is one
 * scan in a hundred, 4 one in ten thousand, whatever the detector: scores can be compared, averaged, and have one limit.
 *
 * - `fit` scores what it learns out of sample (`calibrationScores`), which costs five fits, and needs 20 scores; not ready before.
 *   Without `fit` it never comes ready.
 * - Up to the highest 2 % of these scores (at least ten) the scale is their distribution, interpolated; beyond, an exponential
 *   tail continues it. A score above log10(scans / 10) is therefore an extrapolation: an order, not a probability.
 * - The order of scans is that of the detector. Shares are its shares, scaled; so is its band. Scans in a row resemble each other: a
 *   rate of alarms does not follow from p.
 *
 * @param spec - any detector
 *
 * @example
 * ```ts
 * import { pValue } from '@messwerk/core/model'
 * import { robustZ, samples } from '@messwerk/detectors'
 *
 * const detector = pValue(robustZ()).create([{ name: 'pressure', unit: 'bar' }])
 * detector.fit(samples({ pressure: Array.from({ length: 1000 }, (_, i) => Math.sin(i)) }))
 * const [usual, odd] = detector.score(samples({ pressure: [0, 3] }))
 * usual! < 0.1 && odd! > 4 // => true
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function pValue<N extends string = any>(spec: DetectorSpec<N>, options: PValueOptions = {}): DetectorSpec<N> {
  if (typeof (spec as DetectorSpec | undefined)?.create !== 'function') {
    throw new TypeError(`pValue: needs a detector such as robustZ(), got ${String(spec)}`)
  }
  const { adapts = false } = options
  const kind = `p-value of ${spec.kind}`
  return {
    kind,
    channels: spec.channels,
    create: (channels) => new PValueDetector({ spec, kind, adapts, channels, inner: spec.create(channels) }),
    only: spec.only && ((channel) => pValue(spec.only!(channel), options)),
    restore(snapshot) {
      const { inner, channels, scale } = stateOf(snapshot, kind)
      const parts = { spec, kind, adapts, channels, inner: spec.restore(inner) }
      return new PValueDetector(parts, scale === undefined ? undefined : PValueScale.restored(scale))
    }
  }
}

interface State {
  readonly inner: Snapshot
  readonly channels: readonly Channel[]
  readonly scale: unknown
}

interface Parts {
  readonly spec: DetectorSpec
  readonly kind: string
  readonly adapts: boolean
  readonly channels: readonly Channel[]
  readonly inner: Detector
}

class PValueDetector implements Detector {
  readonly #parts: Parts
  /** The scan that `process` asks about, and its score as the detector gave it. */
  readonly #asked = { samples: undefined as Samples | undefined, scan: 0, raw: Number.NaN }
  #inner: Detector
  #scale: PValueScale | undefined
  readonly band?: (limit: number, out?: Float64Array) => Float64Array
  readonly deviations?: (samples: Samples, scan: number, out?: Float64Array) => Float64Array

  constructor(parts: Parts, scale?: PValueScale) {
    this.#parts = parts
    this.#inner = parts.inner
    this.#scale = scale
    if (parts.inner.band) this.band = (limit, out) => this.#inner.band!(this.#scale?.raw(limit) ?? Number.NaN, out)
    if (parts.inner.deviations) this.deviations = (samples, scan, out) => this.#deviations(samples, scan, out)
  }

  get ready(): boolean {
    return this.#scale !== undefined && this.#inner.ready
  }

  get sequential(): boolean {
    return this.#inner.sequential ?? false
  }

  fit(samples: Samples): void {
    const { spec, channels, adapts } = this.#parts
    const { detector, scores } = calibrationScores(spec, channels, samples, { adapts, refits: true })
    this.#inner = detector
    this.#scale = PValueScale.of(scores)
  }

  update(samples: Samples): void {
    this.#inner.update(samples)
  }

  score(samples: Samples, out?: Float64Array): Float64Array {
    return this.#scaled(this.#inner.score(samples, out), samples.length)
  }

  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array {
    const ask = (raw: number, scan: number): boolean => {
      if (admit === undefined) return true
      this.#asked.samples = samples
      this.#asked.scan = scan
      this.#asked.raw = raw
      return admit(this.#scale?.of(raw) ?? Number.NaN, scan)
    }
    try {
      return this.#scaled(this.#inner.process(samples, ask, out), samples.length)
    } finally {
      this.#asked.samples = undefined
    }
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    const shares = this.#inner.explain(samples, scan, out)
    const raw = this.#rawOf(samples, scan)
    const factor = raw === 0 ? 0 : (this.#scale?.of(raw) ?? Number.NaN) / raw
    for (let c = 0; c < samples.channels.length; c += 1) shares[c]! *= factor
    return shares
  }

  #deviations(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    const deviations = this.#inner.deviations!(samples, scan, out)
    return this.#scale ? deviations : deviations.fill(Number.NaN, 0, samples.channels.length)
  }

  gap(): void {
    this.#inner.gap?.()
  }

  snapshot(): Snapshot {
    const channels = this.#parts.channels.map((channel) => Object.assign({}, channel))
    const state: State = { inner: this.#inner.snapshot(), channels, scale: this.#scale?.state() }
    return { kind: this.#parts.kind, version: 1, state }
  }

  #scaled(scores: Float64Array, length: number): Float64Array {
    for (let i = 0; i < length; i += 1) scores[i] = this.#scale?.of(scores[i]!) ?? Number.NaN
    return scores
  }

  #rawOf(samples: Samples, scan: number): number {
    if (this.#asked.samples === samples && this.#asked.scan === scan) return this.#asked.raw
    const from = this.sequential ? 0 : scan
    return this.#inner.score(samplesWithin(samples, from, scan + 1))[scan - from]!
  }
}

function stateOf({ kind, version, state }: Snapshot, wanted: string): State {
  if (kind !== wanted) throw new SnapshotIncompatibleError(wanted, `the snapshot is of '${kind}'`)
  if (version !== 1) throw new SnapshotIncompatibleError(wanted, `version ${version}, expected 1`)
  const { inner, channels } = (state ?? {}) as Partial<State>
  if (inner && Array.isArray(channels)) return state as State
  throw new SnapshotIncompatibleError(wanted, 'it holds no detector')
}
