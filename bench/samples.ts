import type { Samples } from '@messwerk/core/model'

/** Rows of independent, nearly normal channels, the same every time. */
export function normalSamples(length: number, width: number, seed = 1): Samples {
  const values = new Float64Array(length * width)
  let state = seed
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 0x100000000
  }
  for (let i = 0; i < values.length; i += 1) {
    let sum = -6
    for (let k = 0; k < 12; k += 1) sum += uniform()
    values[i] = sum
  }
  return { channels: Array.from({ length: width }, (_, c) => `c${c}`), length, values, seconds: 0.001 }
}

/** One scan as samples of its own. */
export function scan({ channels, length, values, seconds }: Samples, i: number): Samples {
  const own = Float64Array.from(channels, (_, c) => values[c * length + i]!)
  return { channels, length: 1, values: own, seconds }
}

/** Row by row, as most other libraries take them. */
export function rowMajor({ channels, length, values }: Samples): Float64Array {
  const width = channels.length
  const rows = new Float64Array(values.length)
  for (let i = 0; i < length; i += 1) for (let c = 0; c < width; c += 1) rows[i * width + c] = values[c * length + i]!
  return rows
}
