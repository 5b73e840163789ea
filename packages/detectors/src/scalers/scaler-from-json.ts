import { centredScaler } from './centred-scaler.ts'
import type { FittedScaler } from './fitted-scaler.ts'
import { floatsOf, JsonFields } from './json-fields.ts'
import { rangeScaler } from './min-max-scaler.ts'
import { rankScaler } from './quantile-scaler.ts'
import type { ScalerJson } from './scaler-json.ts'

/**
 * Makes a scaler from JSON: its own `toJSON`, or the fitted attributes of scikit-learn's scalers under their names.
 *
 * @throws ModelError with reason `schema` that names field, rule and value
 *
 * @example
 * ```ts
 * import { scalerFromJson } from '@messwerk/detectors/models'
 *
 * const scaler = scalerFromJson({ kind: 'min-max', channels: ['level'], min: [-1], scale: [0.5] })
 * scaler.transform(Float64Array.of(4), 1) // => Float64Array.of(1)
 * ```
 */
export function scalerFromJson(json: ScalerJson): FittedScaler {
  return readScalerJson(json, 'scalerFromJson: ')
}

/** @param where - in front of the name of a field in errors @internal */
export function readScalerJson(json: unknown, where: string): FittedScaler {
  const fields = new JsonFields(where, json, 'a scaler')
  const kind = fields.oneOf('kind', ['standard', 'robust', 'min-max', 'quantile'])
  const channels = fields.names('channels').slice()
  switch (kind) {
    case 'standard':
      return centredScaler(kind, channels, fields.floats('mean', channels.length), scales(fields, channels.length))
    case 'robust':
      return centredScaler(kind, channels, fields.floats('center', channels.length), scales(fields, channels.length))
    case 'min-max':
      return rangeScaler(
        channels,
        fields.floats('min', channels.length),
        scales(fields, channels.length),
        clipOf(fields)
      )
    case 'quantile':
      return readRanks(fields, channels)
  }
}

/** None of them 0: that would make values of no number. */
function scales(fields: JsonFields, length: number): Float64Array {
  const scale = fields.floats('scale', length)
  return scale.includes(0) ? fields.refuse('scale', 'without 0') : scale
}

function clipOf(fields: JsonFields): readonly [number, number] | undefined {
  if (!fields.has('clip')) return undefined
  const clip = floatsOf(fields.raw('clip'), 2)
  if (clip === undefined || clip[0]! >= clip[1]!) return fields.refuse('clip', 'two finite numbers, ascending')
  return [clip[0]!, clip[1]!]
}

function readRanks(fields: JsonFields, channels: readonly string[]): FittedScaler {
  const output = fields.oneOf('output', ['uniform', 'normal'])
  const list = fields.list('references')
  const references = floatsOf(list, list.length)
  if (references === undefined || !isRising(references, true))
    return fields.refuse('references', 'a list of finite numbers, ascending from 0 to 1')
  const quantiles = fields.list('quantiles').map((one) => floatsOf(one, references.length))
  const areRising = quantiles.every((one) => one !== undefined && isRising(one, false))
  if (quantiles.length !== channels.length || !areRising)
    return fields.refuse('quantiles', `${channels.length} lists of ${references.length} finite numbers, ascending`)
  return rankScaler(channels, output, references, quantiles as Float64Array[])
}

/** @param areShares - from 0 to 1, none of them twice */
function isRising(values: Float64Array, areShares: boolean): boolean {
  if (values.length < 2 || (areShares && (values[0] !== 0 || values.at(-1) !== 1))) return false
  for (let k = 1; k < values.length; k += 1)
    if (areShares ? values[k]! <= values[k - 1]! : values[k]! < values[k - 1]!) return false
  return true
}
