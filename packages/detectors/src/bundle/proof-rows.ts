import type { Samples } from '@messwerk/core/model'
import { SampleView } from '../detector/sample-view.ts'
import type { ManifestChannel, Proof } from './manifest.ts'

/** Rows with a score that a proof holds. */
const ROWS = 64
/** As far as is searched for as many scores, where most scans have none. */
const MOST_ROWS = 10_000
/** Tolerance of a proof whose scores are all next to nothing. */
const SMALLEST = 1e-12

/**
 * The proof of a model: the first rows of the samples with their scores, as many as 64 scores need.
 *
 * @throws RangeError when there is no row, none has a score, or a channel is missing
 * @internal
 */
export async function proofRows(
  samples: Samples,
  channels: readonly ManifestChannel[],
  score: (samples: Samples) => Promise<Float64Array>,
  { tolerance, scans }: { readonly tolerance: number; readonly scans: number }
): Promise<Proof> {
  const names = channels.map(({ name }) => name)
  const seconds = typeof samples.seconds === 'number' ? samples.seconds : 1
  const all = new SampleView('saveModel: sampleRows', samples.channels, names).of(samples)
  const available = Math.min(all.length, MOST_ROWS)
  for (let length = Math.min(available, ROWS + scans - 1); length > 0; length = Math.min(available, 2 * length)) {
    const part = firstRows(all, names, length, seconds)
    const scores = await score(part)
    const found = scores.reduce((count, one) => count + (Number.isFinite(one) ? 1 : 0), 0)
    if (found < Math.min(ROWS, available) && length < available) continue
    if (found === 0) break
    return Object.assign(
      { rows: rowsOf(part), scores: Array.from(scores, orNull), tolerance: fitting(tolerance, scores) },
      seconds !== 1 && { seconds }
    )
  }
  throw new RangeError(`saveModel: sampleRows must hold a row that has a score, got ${samples.length} rows without`)
}

/** Scores far below 1 are proven too: it is absolute there. */
function fitting(tolerance: number, scores: Float64Array): number {
  const largest = scores.reduce((most, score) => (Number.isFinite(score) ? Math.max(most, Math.abs(score)) : most), 0)
  return Math.min(tolerance, Math.max(0.01 * largest, SMALLEST))
}

function firstRows({ values, length }: Samples, channels: readonly string[], rows: number, seconds: number): Samples {
  const first = new Float64Array(channels.length * rows)
  for (let c = 0; c < channels.length; c += 1) first.set(values.subarray(c * length, c * length + rows), c * rows)
  return { channels, length: rows, values: first, seconds }
}

function rowsOf({ channels, length, values }: Samples): (number | null)[][] {
  return Array.from({ length }, (_, i) => channels.map((_, c) => orNull(values[c * length + i]!)))
}

/** -0 becomes 0, which JSON has. */
function orNull(x: number): number | null {
  return Number.isFinite(x) ? x + 0 : null
}
