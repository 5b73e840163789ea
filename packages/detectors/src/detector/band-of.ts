import { type ChannelPlan, outFor, spread } from './channel-plan.ts'

interface Banded {
  readonly ready: boolean
  band?(limit: number, lower: Float64Array, upper: Float64Array): void
}

/** Lower ends of all columns, then upper ends; NaN where a column is not used or nothing is known. @internal */
export function bandOf(
  factory: string,
  { names, used }: ChannelPlan,
  model: Banded,
  limit: number,
  out?: Float64Array
): Float64Array {
  const ends = outFor(factory, 2 * names.length, out)
  ends.fill(Number.NaN, 0, 2 * names.length)
  if (!model.ready) return ends
  const [lower, upper] = [new Float64Array(used.length), new Float64Array(used.length)]
  model.band?.(limit, lower, upper)
  spread(lower, used, ends)
  spread(upper, used, ends.subarray(names.length, 2 * names.length))
  return ends
}
