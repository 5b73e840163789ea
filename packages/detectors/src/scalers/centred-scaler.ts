import { applyScale } from './apply-scale.ts'
import type { FittedScaler } from './fitted-scaler.ts'
import type { ScalerJson } from './scaler-json.ts'

/** (x - center) / scale; both are kept, not copied. @internal */
export function centredScaler(
  kind: 'standard' | 'robust',
  channels: readonly string[],
  center: Float64Array,
  scale: Float64Array
): FittedScaler {
  return {
    kind,
    channels: channels.slice(),
    transform: applyScale(`${kind} scaler`, channels.length, (values, from, to, out, c) => {
      const [middle, unit] = [center[c]!, scale[c]!]
      for (let i = from; i < to; i += 1) out[i] = (values[i]! - middle) / unit
    }),
    inverse: applyScale(`${kind} scaler`, channels.length, (values, from, to, out, c) => {
      const [middle, unit] = [center[c]!, scale[c]!]
      for (let i = from; i < to; i += 1) out[i] = values[i]! * unit + middle
    }),
    toJSON: (): ScalerJson =>
      kind === 'standard'
        ? { kind, channels: channels.slice(), mean: Array.from(center), scale: Array.from(scale) }
        : { kind, channels: channels.slice(), center: Array.from(center), scale: Array.from(scale) }
  }
}
