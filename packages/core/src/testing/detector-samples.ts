import type { Samples } from '../model/samples.ts'

/**
 * Scans of a made-up machine in normal operation: four correlated channels around levels of their own, equal bits for equal seeds.
 *
 * @param seed - whole number
 *
 * @example
 * ```ts
 * import { normalOperation } from '@messwerk/core/testing'
 *
 * const { channels, length } = normalOperation({ scans: 10 })
 * channels // => ['a', 'b', 'c', 'd']
 * length // => 10
 * ```
 */
export function normalOperation({ scans = 500, seed = 1 }: { scans?: number; seed?: number } = {}): Samples {
  const channels = ['a', 'b', 'c', 'd']
  const values = new Float64Array(channels.length * scans)
  const random = generator(seed)
  for (let i = 0; i < scans; i += 1) {
    const shared = bell(random)
    for (let c = 0; c < channels.length; c += 1)
      values[c * scans + i] = 10 * (c + 1) + (c + 1) * (0.8 * shared + 0.6 * bell(random))
  }
  return { channels, length: scans, values, seconds: 0.001 }
}

/** Numbers in [0, 1), xorshift32. */
function generator(seed: number): () => number {
  let state = (seed * 0x9e3779b1) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state = (state ^ (state << 5)) >>> 0
    return state / 0x100000000
  }
}

/** Twelve uniform numbers less six: mean 0, standard deviation 1, |x| <= 6. */
function bell(random: () => number): number {
  let sum = -6
  for (let k = 0; k < 12; k += 1) sum += random()
  return sum
}

/** Scans `from` to `to` as samples of their own. @internal */
export function scansOf(samples: Samples, from: number, to: number): Samples {
  const { channels, length, values, seconds } = samples
  const cut = new Float64Array(channels.length * (to - from))
  for (let c = 0; c < channels.length; c += 1)
    cut.set(values.subarray(c * length + from, c * length + to), c * (to - from))
  return {
    channels,
    length: to - from,
    values: cut,
    seconds: typeof seconds === 'number' ? seconds : seconds.slice(from, to)
  }
}

/** A copy that shares nothing. @internal */
export function copyOf(samples: Samples): Samples {
  return scansOf(samples, 0, samples.length)
}

/** Cut into blocks of 1, 2, 3, 5, 8, 13 … scans, and again. @internal */
export function* blocksOf(samples: Samples): Generator<Samples> {
  const sizes = [1, 2, 3, 5, 8, 13, 1, 64]
  for (let from = 0, k = 0; from < samples.length; k += 1) {
    const to = Math.min(samples.length, from + sizes[k % sizes.length]!)
    yield scansOf(samples, from, to)
    from = to
  }
}

/** Normal operation elsewhere: other levels, larger deviations. @internal */
export function moved(normal: Samples): Samples {
  return { ...normal, values: normal.values.map((x) => 3 * x + 100) }
}

/** @internal */
export function isBroken(scan: number): boolean {
  return scan % 7 === 3
}

/** Every seventh scan has a NaN or an infinity in one channel. @internal */
export function withoutNumbers(normal: Samples): Samples {
  const broken = copyOf(normal)
  const kinds = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < normal.length; i += 1)
    if (isBroken(i)) broken.values[(i % normal.channels.length) * normal.length + i] = kinds[i % 3]!
  return broken
}

/** @internal */
export function scansWhere(samples: Samples, keep: (scan: number) => boolean): Samples {
  const kept = [...Array(samples.length).keys()].filter(keep)
  const { channels, length, values, seconds } = samples
  const columns = channels.flatMap((_, c) => kept.map((i) => values[c * length + i]!))
  return {
    channels,
    length: kept.length,
    values: Float64Array.from(columns),
    seconds: Float64Array.from(kept, (i) => (typeof seconds === 'number' ? i * seconds : seconds[i]!))
  }
}

/** @internal */
export function joined(first: Samples, second: Samples): Samples {
  const length = first.length + second.length
  const values = new Float64Array(length * first.channels.length)
  first.channels.forEach((_, c) => {
    values.set(first.values.subarray(c * first.length, (c + 1) * first.length), c * length)
    values.set(second.values.subarray(c * second.length, (c + 1) * second.length), c * length + first.length)
  })
  const { seconds } = second
  if (typeof seconds === 'number') return { ...first, length, values, seconds }
  return { ...first, length, values, seconds: Float64Array.from([...(first.seconds as Float64Array), ...seconds]) }
}

/** @internal */
export function widened(normal: Samples): Samples {
  const values = new Float64Array(normal.values.length + normal.length)
  values.set(normal.values)
  return { ...normal, channels: [...normal.channels, 'one too many'], values }
}

/** With a column that tells the truth. @internal */
export function labelled(samples: Samples): Samples {
  const wide = widened(samples)
  wide.values.subarray(samples.values.length).forEach((_, i, column) => {
    column[i] = i % 3 === 0 ? 1e6 : 0
  })
  return { ...wide, channels: [...samples.channels, 'label'] }
}

/** @internal */
export function narrowed(normal: Samples): Samples {
  const values = normal.values.subarray(0, normal.values.length - normal.length)
  return { ...normal, channels: normal.channels.slice(0, -1), values }
}

/** The first channel keeps its first value. @internal */
export function flattened(normal: Samples): Samples {
  const flat = copyOf(normal)
  flat.values.fill(normal.values[0]!, 0, normal.length)
  return flat
}

/** Mean of a channel. @internal */
export function meanOf({ values, length }: Samples, c: number): number {
  return values.subarray(c * length, (c + 1) * length).reduce((sum, x) => sum + x, 0) / length
}

/** Standard deviation of a channel. @internal */
export function deviationOf(samples: Samples, c: number): number {
  const { values, length } = samples
  const mean = meanOf(samples, c)
  const squares = values.subarray(c * length, (c + 1) * length).reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return Math.sqrt(squares / length)
}

/** One scan, with one channel moved up. @internal */
export function faulty(normal: Samples, scan: number, c: number, by: number): Samples {
  const one = scansOf(normal, scan, scan + 1)
  one.values[c] = one.values[c]! + by
  return one
}
