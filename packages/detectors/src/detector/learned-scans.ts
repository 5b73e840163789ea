/** Scans that can be learned, one row a scan: `rows[i * width + u]`, with the time of each. @internal */
export interface LearnedScans {
  readonly length: number
  readonly rows: Float64Array
  readonly seconds: Float64Array
}
