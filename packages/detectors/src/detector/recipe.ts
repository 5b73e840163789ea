import type { Channel, Detector, DetectorSpec, Snapshot } from '@messwerk/core/model'

/**
 * How a detector was made: what a snapshot does not say, as plain data. With it the detector can be made again from a file.
 *
 * @internal
 */
export interface Recipe {
  /** Name of the function that users call. */
  readonly factory: string
  /** What it was called with. */
  readonly options: object
  /** Of a detector that is made of others. */
  readonly members?: readonly Recipe[] | undefined
  /** The one channel that it was narrowed to. */
  readonly only?: string | undefined
}

/** On a spec, so that it lives on in a copy with more fields. */
const RECIPE: unique symbol = /* @__PURE__ */ Symbol.for('@messwerk/detectors: recipe')
const made = /* @__PURE__ */ new WeakMap<Detector, Recipe>()

/** The same spec; it and its detectors know how they were made. @internal */
export function recorded<K extends string>(recipe: Recipe, spec: DetectorSpec<K>): DetectorSpec<K> {
  const noted = (detector: Detector): Detector => {
    made.set(detector, recipe)
    return detector
  }
  return Object.assign({}, spec, {
    [RECIPE]: recipe,
    create: (channels: readonly Channel[]) => noted(spec.create(channels)),
    restore: (snapshot: Snapshot) => noted(spec.restore(snapshot))
  })
}

/** Nothing where it was not made by a function of this package. @internal */
export function recipeOf(one: DetectorSpec | Detector): Recipe | undefined {
  return made.get(one as Detector) ?? (one as { readonly [RECIPE]?: Recipe })[RECIPE]
}
