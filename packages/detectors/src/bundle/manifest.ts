import type { Limits } from '@messwerk/core/model'
import type { ScalerJson } from '../scalers/scaler-json.ts'

/**
 * What the numbers that a graph gives mean. A score here is >= 0 and higher means more anomalous:
 *
 * - `native`: it is one already (every model without a graph).
 * - `sklearn-score-samples`: the output s of scikit-learn's `score_samples`; the score is `max(0, -s)`.
 * - `sklearn-decision`: that of `decision_function`, below 0 = outlier; the score is `max(0, 0.5 - d)`.
 * - `reconstruction`: the output has the shape of the input; the score is the mean of the squared differences.
 * - `{ output, higherIs, offset }`: the output v of that name is one number a row; the score is `max(0, offset + v)` or, where higher is
 *   normal, `max(0, offset - v)`.
 *
 * @example
 * ```ts
 * import type { ScoreKind } from '@messwerk/detectors/models'
 *
 * const score: ScoreKind = { output: 'distance', higherIs: 'anomalous' }
 * score.output // => 'distance'
 * ```
 */
export type ScoreKind =
  | 'native'
  | 'sklearn-score-samples'
  | 'sklearn-decision'
  | 'reconstruction'
  | { readonly output: string; readonly higherIs: 'anomalous' | 'normal'; readonly offset?: number }

/** A channel that a model takes. @internal */
export interface ManifestChannel {
  readonly name: string
  /** UCUM code; `'1'` = none, `''` = not known, any will do. */
  readonly unit: string
}

/** @internal */
export interface ManifestWindow {
  /** Scans of a window, its newest last; the score of a scan is that of the window that ends with it. */
  readonly scans: number
  /** Order of the axes: N windows, T scans, C channels. */
  readonly layout: 'NTC' | 'NCT'
}

/** What is known of the data that a model was trained with. @internal */
export interface ManifestTraining {
  readonly rows?: number
  /** ISO 8601. */
  readonly from?: string
  readonly to?: string
  readonly note?: string
}

/** @internal */
export interface ManifestFile {
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
}

/**
 * `manifest.json` of a model file (`.mwz`): what the model needs and what it promises.
 *
 * The JSON schema of it is published: `docs/models/manifest.schema.json`.
 *
 * @example
 * ```ts
 * import type { Manifest } from '@messwerk/detectors/models'
 *
 * const channels: Manifest['channels'] = [{ name: 'pressure', unit: 'bar' }]
 * channels.length // => 1
 * ```
 */
export interface Manifest {
  /** Version of this form. */
  readonly schema: 1
  /** `native`: the model is `model.json`, the state of a detector of this package. `onnx`: it is `model.onnx`. */
  readonly kind: 'native' | 'onnx'
  readonly name: string
  /** Of the model: a whole number from 1, higher = later. */
  readonly version: number
  /** When it was made, ISO 8601 with a time zone. */
  readonly created: string
  /** In the order in which the model takes them. */
  readonly channels: readonly ManifestChannel[]
  /** Of a model that looks at several scans at once; absent = one scan. */
  readonly window?: ManifestWindow
  /** Names of the graph's inputs: one = the matrix of all channels, else one a channel in their order. @defaultValue its only input */
  readonly input?: readonly string[]
  /** What the values go through before the model; the proof rows are before it. */
  readonly scaler?: ScalerJson
  readonly threshold?: Limits
  /** @defaultValue `native` */
  readonly score?: ScoreKind
  readonly training?: ManifestTraining
  readonly metrics?: Readonly<Record<string, number>>
  /** SPDX expression or free text. */
  readonly licence?: string
  /** Every other file of the bundle: its size and digest. */
  readonly files: Readonly<Record<string, ManifestFile>>
  /** The file with the proof. */
  readonly proof: string
}

/**
 * The proof of a model file: rows as they were measured, with the scores of where the model was made.
 *
 * @internal
 */
export interface Proof {
  /** One list a scan, one number a channel (null = none). With a window: consecutive scans. */
  readonly rows: readonly (readonly (number | null)[])[]
  /** One a row; null = no score, as with the first rows of a window. */
  readonly scores: readonly (number | null)[]
  /** Largest difference, relative to the score where that is above 1. */
  readonly tolerance: number
  /** Seconds between the rows. @defaultValue 1 */
  readonly seconds?: number
}
