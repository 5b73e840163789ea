const MOST_SCANS = 65_536
const MOST_NEIGHBOURS = 64

/** Checks the option `reference`: how many scans are kept. @internal */
export function referenceOf(factory: string, reference: number): number {
  return wholeOf(factory, 'reference', reference, 2, MOST_SCANS)
}

/** Checks the option `k`: how many neighbours count. @internal */
export function neighboursOf(factory: string, k: number, most: number): number {
  return wholeOf(factory, 'k', k, 1, Math.min(MOST_NEIGHBOURS, most))
}

function wholeOf(factory: string, option: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number') throw new TypeError(`${factory}: ${option} must be a number, got ${String(value)}`)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new RangeError(`${factory}: ${option} must be a whole number from ${least} to ${most}, got ${value}`)
}
