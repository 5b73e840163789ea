import type { Detector, Samples, Snapshot } from '@messwerk/core/model'
import { outFor } from './channel-plan.ts'
import type { SampleView } from './sample-view.ts'

/** @internal */
export interface ViewDetectorParts {
  /** As in messages. */
  readonly factory: string
  readonly view: SampleView
  readonly inner: Detector
  /** Makes the snapshot from that of the inner detector. */
  readonly snapshot: (inner: Snapshot) => Snapshot
}

/**
 * A detector behind a view of the samples. Scores, shares and deviations are those of the detector, bands are taken back to the unit of the
 * channels.
 *
 * @internal
 */
export class ViewDetector implements Detector {
  readonly #parts: ViewDetectorParts
  readonly #inner: Detector
  readonly #view: SampleView
  /** What `process` goes through, apart from what is looked at meanwhile. */
  readonly #processed: SampleView
  #asked: Samples | undefined
  #seen: Samples | undefined
  readonly band?: (limit: number, out?: Float64Array) => Float64Array
  readonly deviations?: (samples: Samples, scan: number, out?: Float64Array) => Float64Array
  readonly place?: () => Snapshot
  readonly goTo?: (place: Snapshot) => void

  constructor(parts: ViewDetectorParts) {
    const { factory, view, inner } = parts
    this.#parts = parts
    this.#inner = inner
    this.#view = view
    this.#processed = view.copy()
    const width = view.names.length
    if (inner.band && view.hasInverse)
      this.band = (limit, out) => view.band(inner.band!(limit), outFor(factory, 2 * width, out))
    if (inner.deviations)
      this.deviations = (samples, scan, out) =>
        view.spread(inner.deviations!(this.#looked(samples), scan), outFor(factory, width, out), Number.NaN)
    if (inner.place && inner.goTo) {
      this.place = () => inner.place!()
      this.goTo = (place) => inner.goTo!(place)
    }
  }

  get ready(): boolean {
    return this.#inner.ready
  }

  get sequential(): boolean {
    return this.#inner.sequential ?? false
  }

  fit(samples: Samples): void {
    this.#inner.fit(this.#view.of(samples))
  }

  update(samples: Samples): void {
    this.#inner.update(this.#view.of(samples))
  }

  score(samples: Samples, out?: Float64Array): Float64Array {
    return this.#inner.score(this.#view.of(samples), out)
  }

  process(samples: Samples, admit?: (score: number, scan: number) => boolean, out?: Float64Array): Float64Array {
    const seen = this.#processed.of(samples)
    this.#asked = samples
    this.#seen = seen
    try {
      return this.#inner.process(seen, admit, out)
    } finally {
      this.#asked = undefined
      this.#seen = undefined
    }
  }

  explain(samples: Samples, scan: number, out?: Float64Array): Float64Array {
    const to = outFor(this.#parts.factory, this.#view.names.length, out)
    const shares = this.#inner.explain(this.#looked(samples), scan)
    return this.#view.spread(shares, to, Number.isNaN(shares[0]!) ? Number.NaN : 0)
  }

  gap(): void {
    this.#inner.gap?.()
  }

  snapshot(): Snapshot {
    return this.#parts.snapshot(this.#inner.snapshot())
  }

  /** Those that `process` stands in are the same to the inner detector too. */
  #looked(samples: Samples): Samples {
    return samples === this.#asked ? this.#seen! : this.#view.of(samples)
  }
}
