/** What is done to the values of one channel, `from` to `to` of `values`. @internal */
export type ApplyScale = (values: Float64Array, from: number, to: number, out: Float64Array, channel: number) => void

/**
 * Applies it channel by channel.
 *
 * @throws RangeError when `values` or `out` are too short
 * @internal
 */
export function applyScale(
  what: string,
  channels: number,
  apply: ApplyScale
): (values: Float64Array, length: number, out?: Float64Array) => Float64Array {
  return (values, length, out = new Float64Array(channels * length)) => {
    const needed = channels * length
    if (!(values.length >= needed && out.length >= needed)) {
      const got = `got ${values.length} and ${out.length}`
      throw new RangeError(`${what}: values and out must hold ${needed} values (${channels} channels), ${got}`)
    }
    for (let c = 0; c < channels; c += 1) apply(values, c * length, (c + 1) * length, out, c)
    return out
  }
}
