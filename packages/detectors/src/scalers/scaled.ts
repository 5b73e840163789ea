import {
  type AsyncDetectorSpec,
  type Channel,
  type Detector,
  type DetectorSpec,
  type Scaler,
  type Snapshot,
  SnapshotIncompatibleError
} from '@messwerk/core/model'
import { recipeOf, recorded } from '../detector/recipe.ts'
import { SampleView } from '../detector/sample-view.ts'
import { viewAsyncDetector } from '../detector/view-async-detector.ts'
import { ViewDetector } from '../detector/view-detector.ts'
import type { FittedScaler } from './fitted-scaler.ts'
import { scalerOfOne } from './scaler-of-one.ts'

const VERSION = 1

/**
 * A detector that sees scaled values: the same scaler in training and in service.
 *
 * - Input: the channels of the scaler, in any order, in their units; others are not looked at. A value that is not finite makes a score of
 *   NaN whatever the scale.
 * - Output: scores, shares and deviations are those of the detector. Bands are taken back to the unit of the channels, where the scaler has
 *   an `inverse`.
 * - The detector sees channels of unit 1, without range and resolution; options such as `minDeviation` are in scaled units.
 * - `restore` refuses a snapshot that was taken behind another scaler.
 *
 * @throws TypeError when there is no scaler or no detector; `create` throws RangeError when a channel of the scaler is missing
 *
 * @example
 * ```ts
 * import { nearestNeighbour, samples } from '@messwerk/detectors'
 * import { scaled, standardScaler } from '@messwerk/detectors/models'
 *
 * const normal = samples({ pressure: [101300, 101310, 101305, 101300], valve: [0.1, 0.2, 0.15, 0.1] })
 * const spec = scaled(standardScaler().fit(normal), nearestNeighbour({ k: 1 }))
 * const detector = spec.create([{ name: 'pressure', unit: 'Pa' }, { name: 'valve', unit: '1' }])
 * detector.fit(normal)
 * detector.score(samples({ pressure: [101305], valve: [0.9] }))[0]! > 10 // => true
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function scaled<K extends string = any>(scaler: Scaler, spec: DetectorSpec<K>): DetectorSpec<K>
// biome-ignore lint/suspicious/noExplicitAny: as above
export function scaled<K extends string = any>(scaler: Scaler, spec: AsyncDetectorSpec<K>): AsyncDetectorSpec<K>
export function scaled(scaler: Scaler, spec: DetectorSpec | AsyncDetectorSpec): DetectorSpec | AsyncDetectorSpec {
  if (typeof Object(scaler).transform !== 'function')
    throw new TypeError(
      `scaled: the scaler must be fitted, such as standardScaler().fit(samples), got ${String(scaler)}`
    )
  if (typeof Object(spec).create !== 'function')
    throw new TypeError(`scaled: needs a detector such as robustZ(), got ${String(spec)}`)
  const viewOf = (channels: readonly Channel[]): SampleView => {
    const names = channels.map(({ name }) => name)
    return new SampleView('scaled', names, scaler.channels, scaler)
  }
  const inner = scaler.channels.map((name) => ({ name, unit: '1' }))
  if ('async' in spec)
    return Object.assign({}, spec, {
      kind: `scaled ${spec.kind}`,
      channels: scaler.channels.slice(),
      create: (channels: readonly Channel[]) => viewAsyncDetector(viewOf(channels), spec.create(inner))
    })
  return scaledSpec(scaler, spec, viewOf, inner)
}

function scaledSpec(
  scaler: Scaler,
  spec: DetectorSpec,
  viewOf: (channels: readonly Channel[]) => SampleView,
  seen: readonly Channel[]
): DetectorSpec {
  const kind = `scaled ${spec.kind}`
  const by = fingerprint(scaler)
  const made = (view: SampleView, inner: Detector): Detector =>
    new ViewDetector({
      factory: 'scaled',
      view,
      inner,
      snapshot: (of) => ({ kind, version: VERSION, state: { channels: view.names.slice(), by, inner: of } })
    })
  const { only } = spec
  const result: DetectorSpec = {
    kind,
    channels: scaler.channels.slice(),
    random: spec.random,
    create: (channels) => made(viewOf(channels), spec.create(seen)),
    restore(snapshot) {
      const { channels, inner } = stateOf(snapshot, kind, by)
      return made(new SampleView('scaled', channels, scaler.channels, scaler), spec.restore(inner))
    },
    only: only && ((channel) => scaled(scalerOfOne(scaler, channel), only(channel)))
  }
  const recipe = recipeOf(spec)
  if (recipe === undefined || !('toJSON' in scaler)) return result
  return recorded({ factory: 'scaled', options: (scaler as FittedScaler).toJSON(), members: [recipe] }, result)
}

/** Tells scalers apart, in few characters: FNV-1a of its JSON, or of what is known of it. */
function fingerprint(scaler: Scaler): string {
  const text = JSON.stringify('toJSON' in scaler ? scaler : [scaler.kind, scaler.channels])
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return `${scaler.kind} ${(hash >>> 0).toString(16)}`
}

interface State {
  readonly channels: readonly string[]
  readonly inner: Snapshot
}

function stateOf(snapshot: Snapshot, wanted: string, scaler: string): State {
  const { kind, version, state } = Object(snapshot) as Snapshot
  const refuse = (why: string): never => {
    throw new SnapshotIncompatibleError(wanted, why)
  }
  if (kind !== wanted) refuse(`the snapshot is of '${kind}'`)
  if (version !== VERSION) refuse(`version ${version}, expected ${VERSION}`)
  const { channels, inner, by } = Object(state) as Partial<State & { by: string }>
  if (by !== scaler) refuse('it was taken behind another scaler')
  const areNames = Array.isArray(channels) && channels.every((name) => typeof name === 'string')
  return areNames && typeof inner === 'object' && inner !== null ? { channels, inner } : refuse('it holds no detector')
}
