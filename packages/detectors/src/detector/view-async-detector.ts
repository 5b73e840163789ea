import type { AsyncDetector, Samples } from '@messwerk/core/model'
import type { SampleView } from './sample-view.ts'

/** A detector that answers later behind a view of the samples. @internal */
export function viewAsyncDetector(view: SampleView, inner: AsyncDetector): AsyncDetector {
  const detector: AsyncDetector = {
    lookBack: inner.lookBack,
    // calls may overlap: each sees a copy of its own
    score: (samples, signal) => inner.score(view.copy().of(samples), signal)
  }
  return Object.assign(
    detector,
    inner.open && { open: (signal?: AbortSignal) => inner.open!(signal) },
    inner.close && { close: () => inner.close!() },
    inner.explain && {
      async explain(samples: Samples, scan: number, signal?: AbortSignal) {
        const shares = await inner.explain!(view.copy().of(samples), scan, signal)
        return view.spread(shares, new Float64Array(view.names.length), Number.isNaN(shares[0]!) ? Number.NaN : 0)
      }
    }
  )
}
