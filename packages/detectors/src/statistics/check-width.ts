/** @internal */
export function checkWidth(factory: string, width: number): void {
  if (Number.isSafeInteger(width) && width >= 1) return
  throw new RangeError(`${factory}: width must be a whole number of channels from 1, got ${width}`)
}

/** Of a window of one channel. @internal */
export function checkScans(factory: string, scans: number): void {
  if (Number.isSafeInteger(scans) && scans >= 1) return
  throw new RangeError(`${factory}: scans must be a whole number from 1, got ${scans}`)
}

/** @internal */
export function checkAlpha(factory: string, alpha: number): void {
  if (alpha > 0 && alpha <= 1) return
  throw new RangeError(`${factory}: alpha must be above 0 and at most 1, got ${alpha}`)
}
