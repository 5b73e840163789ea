import {
  type AsyncDetectorSpec,
  type Channel,
  type Detector,
  type DetectorSpec,
  type ModelRef,
  type Snapshot,
  SnapshotIncompatibleError,
  type ThresholdSpec,
  unitConversion
} from '@messwerk/core/model'
import { type Recipe, recorded } from '../detector/recipe.ts'
import { SampleView } from '../detector/sample-view.ts'
import { viewAsyncDetector } from '../detector/view-async-detector.ts'
import { ViewDetector } from '../detector/view-detector.ts'
import type { FittedScaler } from '../scalers/fitted-scaler.ts'
import type { Manifest, ManifestChannel } from './manifest.ts'

const VERSION = 1

/**
 * What runs a loaded model: code of this package, or a runtime.
 *
 * @example
 * ```ts
 * import type { ModelWay } from '@messwerk/detectors/models'
 *
 * const way: ModelWay = 'native'
 * way // => 'native'
 * ```
 */
export type ModelWay = 'native' | 'onnxruntime-node' | 'onnxruntime-web'

/** What is known of a loaded model. @internal */
export interface ModelFacts {
  /** Name, version and digest of the file. */
  readonly model: ModelRef
  /** What runs it. */
  readonly way: ModelWay
  /** Why this and no other. */
  readonly wayReason: string
  /** Whether it gave the scores of where it was made; a bare ONNX file says none. */
  readonly proven: boolean
  /** Absent for a bare ONNX file. */
  readonly manifest?: Manifest
  /** What the values go through before the model; its detectors do it. */
  readonly scaler?: FittedScaler
  readonly threshold?: ThresholdSpec
}

/**
 * A model from a file: a description of detectors that are ready at once, for `detect` and for `create`.
 *
 * @example
 * ```ts
 * import type { Model } from '@messwerk/detectors/models'
 *
 * const told = ({ model, way }: Model) => `${model.name} ${model.version}, ${way}`
 * typeof told // => 'function'
 * ```
 */
export type Model = (DetectorSpec | AsyncDetectorSpec) & ModelFacts

/** What sees the channels of the model in their order, scaled. @internal */
export type Inner =
  | AsyncDetectorSpec
  | {
      readonly kind: string
      readonly random?: boolean | undefined
      /** One that is ready. */
      create(channels: readonly Channel[]): Detector
      restore(snapshot: Snapshot): Detector
      /** Absent where it cannot be written to a file again. */
      readonly recipe?: Recipe | undefined
    }

/**
 * A model as a spec: checks names and units of channels, brings them into the order of the model, scales.
 *
 * @internal
 */
export function loadedSpec(inner: Inner, channels: readonly ManifestChannel[], facts: ModelFacts): Model {
  const { model, scaler } = facts
  const label = `model '${model.name}', version ${model.version}`
  const names = channels.map(({ name }) => name)
  const seen = channels.map(({ name, unit }) => ({ name, unit: scaler === undefined ? unit : '1' }))
  const viewOf = (given: readonly Channel[]): SampleView => {
    const view = new SampleView(
      label,
      given.map(({ name }) => name),
      names,
      scaler
    )
    checkUnits(label, channels, given)
    return view
  }
  const common = { kind: `model of ${inner.kind}`, channels: names }
  if ('async' in inner) {
    const create = (given: readonly Channel[]) => viewAsyncDetector(viewOf(given), inner.create(seen))
    return Object.assign({ async: true as const, create }, common, facts)
  }
  const { kind } = common
  const made = (view: SampleView, detector: Detector): Detector => {
    const snapshot = (of: Snapshot): Snapshot => ({
      kind,
      version: VERSION,
      state: { model: model.hash, channels: view.names.slice(), inner: of }
    })
    return new ViewDetector({ factory: label, view, inner: detector, snapshot })
  }
  const spec: DetectorSpec = Object.assign({ random: inner.random }, common, {
    create: (given: readonly Channel[]) => made(viewOf(given), inner.create(seen)),
    restore(snapshot: Snapshot) {
      const state = stateOf(snapshot, kind, model)
      return made(new SampleView(label, state.channels, names, scaler), inner.restore(state.inner))
    }
  })
  if (inner.recipe === undefined) return Object.assign(spec, facts)
  const recipe = {
    factory: 'loaded',
    options: Object.assign({}, scaler && { scaler: scaler.toJSON() }),
    members: [inner.recipe]
  }
  return Object.assign(recorded(recipe, spec), facts)
}

function checkUnits(label: string, channels: readonly ManifestChannel[], given: readonly Channel[]): void {
  for (const { name, unit } of channels) {
    const here = given.find((channel) => channel.name === name)!.unit
    const what = unit === '' || here === unit ? 'same' : relationOf(here, unit)
    const must = `${label}: channel '${name}' must be in '${unit}', got '${here}'`
    if (what === 'convertible')
      throw new RangeError(`${must}: put convert({ channels: { '${name}': '${unit}' } }) before detect`)
    if (what === 'other') throw new RangeError(`${must}, which is no such quantity`)
  }
}

function relationOf(from: string, to: string): 'same' | 'convertible' | 'other' {
  try {
    const { scale, offset } = unitConversion(from, to)
    return scale === 1 && offset === 0 ? 'same' : 'convertible'
  } catch {
    return 'other'
  }
}

interface State {
  readonly channels: readonly string[]
  readonly inner: Snapshot
}

function stateOf(snapshot: Snapshot, wanted: string, model: ModelRef): State {
  const { kind, version, state } = Object(snapshot) as Snapshot
  const refuse = (why: string): never => {
    throw new SnapshotIncompatibleError(`${wanted} '${model.name}'`, why)
  }
  if (kind !== wanted) refuse(`the snapshot is of '${kind}'`)
  if (version !== VERSION) refuse(`version ${version}, expected ${VERSION}`)
  const { model: hash, channels, inner } = Object(state) as Partial<State & { model: string }>
  if (hash !== model.hash) refuse(`the snapshot is of the model ${hash}, this one is ${model.hash}`)
  const areNames = Array.isArray(channels) && channels.every((name) => typeof name === 'string')
  return areNames && typeof inner === 'object' && inner !== null ? { channels, inner } : refuse('it holds no detector')
}
