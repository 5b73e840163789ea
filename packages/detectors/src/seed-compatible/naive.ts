// The rule of seedCompatible as it is written down: what the detector is tested against.

/** @internal */
export interface NaiveVerdict {
  readonly z: number
  readonly isAnomaly: boolean
  /** Mean of the last `window` flags, once there are so many. */
  readonly ratio: number
}

/** Values that are not finite have no verdict and change nothing. @internal */
export function naiveSeed(values: readonly number[], window: number, limit: number): NaiveVerdict[] {
  const baseline: number[] = []
  const flags: number[] = []
  return values.map((x) => {
    const ratio = (): number =>
      flags.length < window ? Number.NaN : flags.slice(-window).reduce((sum, flag) => sum + flag, 0) / window
    const none = (): NaiveVerdict => ({ z: Number.NaN, isAnomaly: false, ratio: ratio() })
    if (!Number.isFinite(x)) return none()
    if (baseline.length < window) {
      baseline.push(x)
      return none()
    }
    const mean = baseline.reduce((sum, y) => sum + y, 0) / window
    const variance = baseline.reduce((sum, y) => sum + (y - mean) * (y - mean), 0) / (window - 1)
    const m = Math.abs(mean)
    const s = Math.sqrt(variance) === 0 ? 0.001 : Math.sqrt(variance)
    const z = Math.round(((Math.abs(x) - m) / s) * 1000) / 1000
    const isAnomaly = Math.abs(z) > limit
    if (!isAnomaly) {
      baseline.shift()
      baseline.push(x)
    }
    flags.push(isAnomaly ? 1 : 0)
    return { z, isAnomaly, ratio: ratio() }
  })
}
