import type { Samples, Scaler } from '@messwerk/core/model'
import type { LoadedModel } from './loaded-model.ts'
import type { ModelInput } from './model-inputs.ts'
import { withinFloat32 } from './workspace.ts'

/**
 * The channels in use of samples, scaled.
 *
 * @internal
 */
export class ScaledScans {
  values: Float64Array = new Float64Array(0)
  length = 0
  /** Where the column of each channel in use begins, in columns. */
  readonly at: Int32Array
  readonly #model: LoadedModel
  readonly #scaler: Scaler | undefined
  /** Columns of the samples: as the scaler wants them, else as the model does. */
  readonly #from: Int32Array
  #raw: Float64Array = this.values

  constructor(model: LoadedModel, scaler: Scaler | undefined, names: readonly string[], used: Int32Array) {
    this.#model = model
    this.#scaler = scaler
    this.#from = scaler ? Int32Array.from(scaler.channels, (name) => used[names.indexOf(name)]!) : used
    this.at = scaler ? Int32Array.from(names, (name) => scaler.channels.indexOf(name)) : used
  }

  /** Until the end of the turn. */
  open({ values, length }: Samples): void {
    this.#raw = values
    this.values = values
    this.length = length
    if (this.#scaler === undefined) return
    const scaled = this.#model.scratch(this.#from.length * length)
    for (let c = 0; c < this.#from.length; c += 1) {
      const from = this.#from[c]! * length
      scaled.set(values.subarray(from, from + length), c * length)
    }
    this.values = this.#scaler.transform(scaled, length, scaled)
  }

  /** Whether every value of a scan is, before the scaler (which may clip) and behind it. */
  isFinite(scan: number): boolean {
    let sum = 0
    for (let c = 0; c < this.at.length; c += 1) {
      const raw = this.#raw[this.#from[c]! * this.length + scan]!
      const scaled = this.values[this.at[c]! * this.length + scan]!
      sum += raw - raw + (scaled - scaled)
    }
    return sum === 0
  }
}

/** Writes the scan, or the window that ends with it, as a row of an input. @internal */
export function packRow(
  { values, length, at }: ScaledScans,
  { columns, size }: ModelInput,
  { scans, layout }: { readonly scans: number; readonly layout: 'NTC' | 'NCT' | undefined },
  scan: number,
  buffer: Float32Array | Float64Array,
  row: number
): void {
  const width = columns.length
  const isTimeLast = layout === 'NCT'
  const first = scan - scans + 1
  for (let j = 0; j < width; j += 1) {
    const from = at[columns[j]!]! * length + first
    let to = row * size + (isTimeLast ? j * scans : j)
    for (let t = 0; t < scans; t += 1) {
      buffer[to] = withinFloat32(values[from + t]!)
      to += isTimeLast ? 1 : width
    }
  }
}
