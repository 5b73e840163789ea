import type { Detector, Limits, Snapshot } from '@messwerk/core/model'
import type { Model } from '../bundle/loaded-spec.ts'
import { type Recipe, recipeOf } from '../detector/recipe.ts'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'
import type { ScalerJson } from '../scalers/scaler-json.ts'
import type { ToOnnxOptions } from './to-onnx.ts'

/** What `toOnnx` writes. @internal */
export interface GraphSource {
  /** Absent = the scaler alone. */
  readonly snapshot?: Snapshot
  readonly scaler?: ScalerJson
  readonly units?: Readonly<Record<string, string>>
  readonly threshold?: Limits
}

/**
 * A detector is taken out of the scaler that it stands behind, and out of the model file that it came from.
 *
 * @throws RangeError, TypeError for what cannot be written
 * @internal
 */
export function graphSource(
  model: Detector | Snapshot | FittedScaler | Model,
  { scaler, units, threshold }: Pick<ToOnnxOptions, 'scaler' | 'units' | 'threshold'>
): GraphSource {
  if (typeof model !== 'object' || model === null)
    throw new TypeError(`toOnnx: the model must be a detector, its snapshot or a scaler, got ${String(model)}`)
  const found = foundIn(model, scaler !== undefined)
  if (scaler !== undefined && found.scaler !== undefined)
    throw new RangeError(`toOnnx: scaler must be left out where there is one already, got a ${scaler.kind} scaler`)
  const given = Object.assign({}, units && { units }, threshold && { threshold }, scaler && { scaler: scaler.toJSON() })
  return Object.assign(found, given)
}

function foundIn(model: Detector | Snapshot | FittedScaler | Model, hasScaler: boolean): GraphSource {
  if ('transform' in model) return { scaler: model.toJSON() }
  if ('wayReason' in model) return ofLoaded(model)
  if (!('snapshot' in model)) return { snapshot: innermost(model, hasScaler) }
  const recipe = recipeOf(model)
  return recipe ? unwrapped(recipe, model.snapshot()) : { snapshot: innermost(model.snapshot(), hasScaler) }
}

function ofLoaded(model: Model): GraphSource {
  const { manifest } = model
  if (manifest === undefined || 'async' in model)
    throw new RangeError('toOnnx: the model must be a detector of this package, got one that is a graph already')
  const { channels, threshold } = manifest
  const units = Object.fromEntries(channels.map(({ name, unit }) => [name, unit]))
  return Object.assign(foundIn(model.create(channels), false), { units }, threshold && { threshold })
}

function unwrapped({ factory, options, members }: Recipe, snapshot: Snapshot): GraphSource {
  if (factory !== 'scaled' && factory !== 'loaded') return { snapshot }
  const inside = unwrapped(members![0]!, innerOf(snapshot))
  const scaler = factory === 'scaled' ? options : (options as { readonly scaler?: object }).scaler
  if (scaler === undefined) return inside
  if (inside.scaler !== undefined) throw new RangeError('toOnnx: the model must have one scaler at most, got two')
  return Object.assign(inside, { scaler: scaler as ScalerJson })
}

/** Of a snapshot alone, which does not hold the scaler: that is to be given. */
function innermost(snapshot: Snapshot, hasScaler: boolean): Snapshot {
  const { kind } = Object(snapshot) as { readonly kind?: unknown }
  if (!String(kind).startsWith('scaled ')) return snapshot
  if (hasScaler) return innerOf(snapshot)
  throw new RangeError(`toOnnx: scaler must be that of the detector, which is a ${String(kind)}, got none`)
}

function innerOf({ state }: Snapshot): Snapshot {
  return (Object(state) as { readonly inner: Snapshot }).inner
}

/** The scale of these channels, in this order. @throws RangeError when one is missing @internal */
export function scalerOf(scaler: ScalerJson, channels: readonly string[]): ScalerJson {
  const at = channels.map((name) => scaler.channels.indexOf(name))
  if (at.includes(-1))
    throw new RangeError(
      `toOnnx: scaler must have the channels ${channels.join(', ')}, got one of ${scaler.channels.join(', ')}`
    )
  const lists = Object.entries(scaler).map(([field, value]) => [
    field,
    field !== 'clip' && field !== 'references' && Array.isArray(value) ? at.map((c) => value[c]) : value
  ])
  return Object.fromEntries(lists) as ScalerJson
}
