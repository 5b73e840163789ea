import type { Channel, Detector, DetectorSpec, Snapshot } from '@messwerk/core/model'
import { type Recipe, recipeOf } from '../detector/recipe.ts'
import type { ScalerJson } from '../scalers/scaler-json.ts'
import { type NativeModel, nativeModels, nativeText, readNative } from './native-models.ts'

/** A learned detector as it was given to `saveModel`. @internal */
export type Learned = Detector | DetectorSpec | { readonly spec: DetectorSpec; readonly snapshot: Snapshot }

/**
 * What is written of a learned detector; a scaler around it is taken off, as the manifest has a place for it.
 *
 * @throws TypeError when it was not made by a function of this package, or holds what no file can keep; RangeError when it has not learned
 * @internal
 */
export function savedParts(
  model: Learned,
  channels: readonly Channel[]
): NativeModel & { readonly scaler: ScalerJson | undefined } {
  const detector = detectorOf(model, channels)
  const recipe = recipeOf(detector)
  if (recipe === undefined || !isKnown(recipe))
    throw new TypeError(
      `saveModel: the model must be of a function of @messwerk/detectors, got ${told(model)}: only these can be made again from a file`
    )
  if (!detector.ready) throw new RangeError('saveModel: the model must have learned, got a detector that is not ready')
  return unwrapped(recipe, detector.snapshot())
}

/** As it is loaded: behind a gap, wherever its training or its stream has ended; so what has learned the same gives the same file. @internal */
export function atStart(model: NativeModel): NativeModel {
  const { spec, recipe, snapshot } = readNative(nativeText(model), 'saveModel: the model')
  const detector = spec.restore(snapshot)
  detector.gap?.()
  return { recipe, snapshot: detector.snapshot() }
}

function detectorOf(model: Learned, channels: readonly Channel[]): Detector {
  if ('snapshot' in model && 'spec' in model) return model.spec.restore(model.snapshot)
  if ('create' in model) return model.create(channels)
  return model
}

function unwrapped(recipe: Recipe, snapshot: Snapshot): NativeModel & { readonly scaler: ScalerJson | undefined } {
  const { factory, options, members } = recipe
  if (factory !== 'scaled' && factory !== 'loaded') return { recipe, snapshot, scaler: undefined }
  const { inner } = snapshot.state as { readonly inner: Snapshot }
  const own = factory === 'scaled' ? (options as ScalerJson) : (options as { readonly scaler?: ScalerJson }).scaler
  if (own !== undefined) return { recipe: members![0]!, snapshot: inner, scaler: own }
  return unwrapped(members![0]!, inner)
}

function isKnown({ factory, members = [] }: Recipe): boolean {
  return (factory === 'loaded' || Object.hasOwn(nativeModels, factory)) && members.every(isKnown)
}

function told(model: Learned): string {
  return 'kind' in model ? `'${model.kind}'` : 'another detector'
}
