import type { Samples } from './samples.ts'

/** The scans `from` up to `to` (not included), copied. @internal */
export function samplesWithin(samples: Samples, from: number, to: number): Samples {
  const { channels, length, values, seconds } = samples
  const kept = to - from
  const part = new Float64Array(channels.length * kept)
  for (let c = 0; c < channels.length; c += 1) part.set(values.subarray(c * length + from, c * length + to), c * kept)
  return {
    channels,
    length: kept,
    values: part,
    seconds: typeof seconds === 'number' ? seconds : seconds.slice(from, to)
  }
}

/** All scans but those from `from` up to `to` (not included), copied; with their times, where the hole is seen. @internal */
export function samplesAround(samples: Samples, from: number, to: number): Samples {
  const { channels, length, values } = samples
  const kept = length - (to - from)
  const part = new Float64Array(channels.length * kept)
  for (let c = 0; c < channels.length; c += 1) {
    part.set(values.subarray(c * length, c * length + from), c * kept)
    part.set(values.subarray(c * length + to, (c + 1) * length), c * kept + from)
  }
  const all = secondsOf(samples)
  const seconds = new Float64Array(kept)
  seconds.set(all.subarray(0, from))
  seconds.set(all.subarray(to), from)
  return { channels, length: kept, values: part, seconds }
}

/** Time of each scan; where only the period is known, since the first scan. @internal */
export function secondsOf({ length, seconds }: Samples): Float64Array {
  if (typeof seconds !== 'number') return seconds.slice(0, length)
  return Float64Array.from({ length }, (_, i) => i * seconds)
}
