import type { Block } from '../model/block.ts'
import type { Channel } from '../model/channel.ts'
import type { Kernel } from '../model/kernel.ts'
import { Quality } from '../model/quality.ts'
import { extendStream, type Stream } from '../model/stream.ts'

/** A function of one number for each input channel. @internal */
export type Formula = (...values: number[]) => number

/** A kernel that adds one channel, computed scan by scan. @internal */
export function deriveColumn(
  id: string,
  stream: Stream,
  from: readonly string[],
  channel: Channel,
  formula: Formula
): Kernel {
  const inputs = from.map((name) => stream.index(name))
  const output = extendStream(stream, [channel], id)
  const fill = fillBy(formula, inputs)
  return {
    output,
    process(block) {
      const { length, values, time, gap, origin } = block
      const extended = new Float64Array(values.length + length)
      extended.set(values)
      fill(values, length, extended)
      const quality = qualityOf(block, inputs, extended)
      return { stream: output, length, values: extended, time, quality, gap, origin }
    }
  }
}

type Fill = (values: Float64Array, length: number, out: Float64Array) => void

/** One to three inputs without a list of arguments for each scan. */
function fillBy(formula: Formula, inputs: readonly number[]): Fill {
  const [p = 0, q = 0, r = 0] = inputs
  if (inputs.length === 1) {
    return (values, length, out) => {
      for (let i = 0; i < length; i += 1) out[values.length + i] = formula(values[p * length + i] as number)
    }
  }
  if (inputs.length === 2) {
    return (values, length, out) => {
      for (let i = 0; i < length; i += 1) {
        out[values.length + i] = formula(values[p * length + i] as number, values[q * length + i] as number)
      }
    }
  }
  if (inputs.length === 3) {
    return (values, length, out) => {
      for (let i = 0; i < length; i += 1) {
        const a = values[p * length + i] as number
        const b = values[q * length + i] as number
        out[values.length + i] = formula(a, b, values[r * length + i] as number)
      }
    }
  }
  const args = new Array<number>(inputs.length).fill(0)
  return (values, length, out) => {
    for (let i = 0; i < length; i += 1) {
      for (let k = 0; k < inputs.length; k += 1) args[k] = values[(inputs[k] as number) * length + i] as number
      out[values.length + i] = Reflect.apply(formula, undefined, args) as number
    }
  }
}

/** Worst quality of the inputs; a result that is not finite is NaN and at least bad. */
function qualityOf(
  { values, length, quality }: Block,
  inputs: readonly number[],
  out: Float64Array
): Uint8Array | undefined {
  let extended = quality && new Uint8Array(out.length)
  if (quality) extended?.set(quality)
  for (let i = 0; i < length; i += 1) {
    let worst: number = Quality.good
    if (quality) {
      for (const input of inputs) worst = Math.max(worst, quality[input * length + i] as number)
    }
    if (!Number.isFinite(out[values.length + i])) {
      out[values.length + i] = Number.NaN
      worst = Math.max(worst, Quality.bad)
    }
    if (worst === Quality.good) continue
    extended ??= new Uint8Array(out.length)
    extended[values.length + i] = worst
  }
  return extended
}
