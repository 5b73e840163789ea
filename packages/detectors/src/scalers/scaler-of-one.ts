import type { Scaler } from '@messwerk/core/model'

/** The same scale for one of its channels alone. @internal */
export function scalerOfOne(scaler: Scaler, channel: string): Scaler {
  const at = scaler.channels.indexOf(channel)
  if (at < 0)
    throw new RangeError(`scaled: the scaler has no channel '${channel}'; it has: ${scaler.channels.join(', ')}`)
  type Turn = NonNullable<Scaler['inverse']>
  const ofOne =
    (turn: Turn): Turn =>
    (values, length, out = new Float64Array(length)) => {
      const all = new Float64Array(scaler.channels.length * length).fill(Number.NaN)
      all.set(values.subarray(0, length), at * length)
      out.set(turn(all, length, all).subarray(at * length, (at + 1) * length))
      return out
    }
  const one: Scaler = {
    kind: scaler.kind,
    channels: [channel],
    transform: ofOne((values, length, out) => scaler.transform(values, length, out))
  }
  return Object.assign(one, scaler.inverse && { inverse: ofOne((v, length, out) => scaler.inverse!(v, length, out)) })
}
