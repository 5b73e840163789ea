import { type DetectorSpec, fromText, isSdkError, ModelError, type Snapshot, toText } from '@messwerk/core/model'
import { auto } from '../auto/auto.ts'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { cusum } from '../cusum/cusum.ts'
import type { Recipe } from '../detector/recipe.ts'
import { ensemble } from '../ensemble/ensemble.ts'
import { ewmaChart } from '../ewma-chart/ewma-chart.ts'
import { fixedLimits } from '../fixed-limits/fixed-limits.ts'
import { halfSpaceTrees } from '../half-space-trees/half-space-trees.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { localOutlierFactor } from '../local-outlier-factor/local-outlier-factor.ts'
import { matrixProfile } from '../matrix-profile/matrix-profile.ts'
import { nearestNeighbour } from '../nearest-neighbour/nearest-neighbour.ts'
import { pageHinkley } from '../page-hinkley/page-hinkley.ts'
import { spe } from '../pca/spe.ts'
import { t2 } from '../pca/t2.ts'
import { quantileBounds } from '../quantile-bounds/quantile-bounds.ts'
import { randomCutForest } from '../random-cut-forest/random-cut-forest.ts'
import { rateOfChange } from '../rate-of-change/rate-of-change.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { scaled } from '../scalers/scaled.ts'
import { scalerFromJson } from '../scalers/scaler-from-json.ts'
import type { ScalerJson } from '../scalers/scaler-json.ts'
import { seedCompatible } from '../seed-compatible/seed-compatible.ts'
import { stuckValue } from '../stuck-value/stuck-value.ts'
import { subWindowPca } from '../sub-window-pca/sub-window-pca.ts'
import { zScore } from '../z-score/z-score.ts'

type Make = (options: object, members: readonly DetectorSpec[]) => DetectorSpec

/** Every detector that a model file may hold, by the name of its function: nothing else is ever called. @internal */
export const nativeModels: Readonly<Record<string, Make>> = {
  auto,
  autoencoder,
  cusum,
  ensemble: (options, members) => ensemble(members, options),
  ewmaChart,
  fixedLimits: (limits) => fixedLimits(limits as Parameters<typeof fixedLimits>[0]),
  halfSpaceTrees,
  isolationForest,
  localOutlierFactor,
  matrixProfile,
  nearestNeighbour,
  pageHinkley,
  quantileBounds,
  randomCutForest,
  rateOfChange,
  robustZ,
  scaled: (scaler, [member]) => scaled(scalerFromJson(scaler as ScalerJson), member!),
  seedCompatible: (options) => seedCompatible(options)[0],
  spe,
  stuckValue,
  subWindowPca,
  t2,
  zScore
}

const [MOST_MEMBERS, DEEPEST] = [100, 5]
/** Entries that trees have when all their leaves are put at one depth, as scoring does: few bytes may ask for many. */
const MOST_ENTRIES = 8_388_608

/** What `model.json` holds. @internal */
export interface NativeModel {
  readonly recipe: Recipe
  readonly snapshot: Snapshot
}

/** Equal models, equal text. @throws TypeError where an option cannot be kept @internal */
export function nativeText({ recipe, snapshot }: NativeModel): string {
  return toText({ recipe, snapshot })
}

/**
 * @param where - in front of messages
 * @throws ModelError
 * @internal
 */
export function readNative(text: string, where: string): NativeModel & { readonly spec: DetectorSpec } {
  const refuse = (why: string, cause?: unknown): never => {
    throw new ModelError('malformed', `${where} ${why}`, { cause })
  }
  try {
    const { recipe, snapshot } = Object(fromText(text)) as { recipe?: unknown; snapshot?: unknown }
    const spec = specOf(recipe, 0, refuse)
    if (!(entriesIn(snapshot) <= MOST_ENTRIES))
      throw new ModelError('too-large', `${where} holds trees that would take more than ${MOST_ENTRIES} entries`)
    if (typeof snapshot !== 'object' || snapshot === null) refuse('holds no state')
    const { ready } = spec.restore(structuredClone(snapshot as Snapshot))
    return ready
      ? { spec, recipe: recipe as Recipe, snapshot: snapshot as Snapshot }
      : refuse('holds a detector that has not learned')
  } catch (error) {
    if (error instanceof ModelError) throw error
    const why = isSdkError(error) || error instanceof Error ? error.message.slice(0, 300) : String(error)
    return refuse(`holds no detector that can be made here: ${why}`, error)
  }
}

/** Of all forests in a state, also of members. */
function entriesIn(state: unknown): number {
  if (typeof state !== 'object' || state === null || ArrayBuffer.isView(state)) return 0
  const { grown, rowsEach } = state as { grown?: unknown; rowsEach?: unknown }
  const isForest = typeof grown === 'number' && grown > 0 && typeof rowsEach === 'number'
  const own = isForest ? grown * 2 * Math.max(1, rowsEach) : 0
  return Object.values(state).reduce((sum: number, part) => sum + entriesIn(part), own)
}

function specOf(recipe: unknown, depth: number, refuse: (why: string) => never): DetectorSpec {
  const { factory, options, members = [], only } = Object(recipe) as Partial<Record<keyof Recipe, unknown>>
  if (typeof factory !== 'string' || !Object.hasOwn(nativeModels, factory))
    return refuse(
      `holds a detector '${String(factory).slice(0, 60)}', which is not known here: update @messwerk/detectors`
    )
  if (typeof options !== 'object' || options === null) return refuse('holds no options')
  const isPlain = members === undefined || (Array.isArray(members) && members.length <= MOST_MEMBERS)
  if (!isPlain || depth > DEEPEST) return refuse('holds more detectors in each other than are allowed')
  const inner = ((members ?? []) as unknown[]).map((member) => specOf(member, depth + 1, refuse))
  const spec = nativeModels[factory]!(options, inner)
  if (only === undefined) return spec
  return typeof only === 'string' && spec.only ? spec.only(only) : refuse('holds a detector that has no single channel')
}
