/** Growth in MB an hour, with the ends of its 95 % interval. */
export interface Growth {
  readonly perHour: number
  readonly from: number
  readonly to: number
}

/**
 * A line by least squares through bytes over hours. What one sample leaves to the next (a cache that is full, a heap before
 * its next large collection) makes them count for less: the interval is widened by the residuals' correlation.
 */
export function growth(points: readonly { readonly hours: number; readonly bytes: number }[]): Growth {
  const n = points.length
  const mx = points.reduce((sum, { hours }) => sum + hours, 0) / n
  const my = points.reduce((sum, { bytes }) => sum + bytes, 0) / n
  const sxx = points.reduce((sum, { hours }) => sum + (hours - mx) ** 2, 0)
  const slope = points.reduce((sum, { hours, bytes }) => sum + (hours - mx) * (bytes - my), 0) / sxx
  const rest = points.map(({ hours, bytes }) => bytes - my - slope * (hours - mx))
  const square = rest.reduce((sum, r) => sum + r * r, 0)
  const neighbours = rest.slice(1).reduce((sum, r, i) => sum + r * (rest[i] as number), 0)
  const correlation = square > 0 ? Math.min(Math.max(neighbours / square, 0), 0.99) : 0
  const widening = Math.sqrt((1 + correlation) / (1 - correlation))
  const error = 1.98 * widening * Math.sqrt(square / (n - 2) / sxx)
  return { perHour: slope / 1e6, from: (slope - error) / 1e6, to: (slope + error) / 1e6 }
}
