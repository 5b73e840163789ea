/** Scans that can be learned, one row a scan: `rows[i * width + u]`, with the time of each. @internal */
export interface LearnedScans {
  readonly length: number
  readonly rows: Float64Array
  readonly seconds: Float64Array
}

/**
 * What is normal in each channel: a centre and a typical deviation, learned scan by scan.
 *
 * @internal
 */
export interface Normal {
  /** Scans that the centre and the deviation speak of. */
  readonly count: number
  /** Per channel; up to date after `refresh`. */
  readonly center: Float64Array
  /** Per channel, as a standard deviation, >= 0, without floors; up to date after `refresh`. */
  readonly deviation: Float64Array
  /** Forgets everything and learns these scans. */
  fit(scans: LearnedScans): void
  learn(row: Float64Array, seconds: number): void
  refresh(): void
  /** Copies of all that `restore` of the detector needs. */
  state(): Record<string, unknown>
}
