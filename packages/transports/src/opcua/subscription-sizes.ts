/** Intervals of a subscription, ms. @internal */
export interface Intervals {
  readonly publishMs: number
  readonly samplingMs: number
  /** What the server is to keep while nobody asks. */
  readonly outageMs: number
}

/** Least that shows an overflow: with 1 only the newest is kept, without a word. */
const LEAST = 2

/** Values that a node's queue must hold: those of the outage and of two publishing intervals. @internal */
export function queueSizeOf({ publishMs, samplingMs, outageMs }: Intervals): number {
  if (samplingMs === 0) return QUEUE_UNKNOWN
  return Math.max(LEAST, Math.ceil((outageMs + 2 * publishMs) / samplingMs) + 1)
}

/** Where values come as they change, how many they are is not known. @internal */
export const QUEUE_UNKNOWN = 1000

/** How long a queue lasts, ms. @internal */
export function lastsMs(queueSize: number, { publishMs, samplingMs }: Intervals): number {
  return Math.max(0, (queueSize - 1) * samplingMs - 2 * publishMs)
}

/** Publishing intervals without a request after which the server drops the subscription. @internal */
export function lifetimeOf({ publishMs, outageMs }: Intervals): number {
  return Math.max(10, Math.ceil((outageMs + LEAST_LIFE_MS) / publishMs))
}

const LEAST_LIFE_MS = 10_000
