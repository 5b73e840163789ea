import {
  type Channel,
  type Detector,
  type DetectorSpec,
  pValue,
  type Snapshot,
  SnapshotIncompatibleError
} from '@messwerk/core/model'
import { type Recipe, recipeOf, recorded } from '../detector/recipe.ts'
import { EnsembleDetector } from './ensemble-detector.ts'

const VERSION = 1

/**
 * Options of {@link ensemble}.
 *
 * @example
 * ```ts
 * import type { EnsembleOptions } from '@messwerk/detectors'
 *
 * const options: EnsembleOptions = { combine: 'max' }
 * options.normalise // => undefined
 * ```
 */
export interface EnsembleOptions {
  /** `mean`: what several find odd counts more; `max`: one that is sure is enough. @defaultValue 'mean' */
  readonly combine?: 'mean' | 'max' | undefined
  /**
   * What the scores of the members are turned into before: `p-value` is -log10 of the share of normal scans that score at least as
   * high, unbounded; `rank` is the share that scores lower, 0..1: no member can outvote the others.
   *
   * @defaultValue 'p-value'
   */
  readonly normalise?: 'p-value' | 'rank' | undefined
}

/**
 * Several detectors as one: their scores are put on one scale first, then averaged, or the largest is taken.
 *
 * - Input: as its members; each uses its own channels.
 * - Output: with `p-value` 0 or more, 2 = as odd as one normal scan in a hundred, see `pValue`; with `rank` 0..1. NaN while a member
 *   is not ready, and where no member has an answer; one that has none (missing values in its channels) is left out of the mean.
 * - Learning: `fit` puts each member on its scale with scores out of sample, five fits a member, and needs 20 scans with a score.
 *   Without `fit` it never comes ready. A scan is learned by all members or by none.
 * - Shares: those of the members, scaled; with `max` those of the member that decides. They sum to the score.
 * - Cost: the sum of the members; with `process` twice their scores.
 *
 * @param members - at least two
 * @throws TypeError or RangeError when a member is no detector or an option is wrong
 * @see {@link auto} for a choice of members
 *
 * @example
 * ```ts
 * import { ensemble, robustZ, samples, zScore } from '@messwerk/detectors'
 *
 * const normal = samples({ pressure: Array.from({ length: 200 }, (_, i) => Math.sin(i)) })
 * const detector = ensemble([robustZ(), zScore()]).create([{ name: 'pressure', unit: 'bar' }])
 * detector.fit(normal)
 * const [usual, odd] = detector.score(samples({ pressure: [0, 4] }))
 * usual! < 0.5 && odd! > 4 // => true
 * ```
 *
 * Reference: C. C. Aggarwal, S. Sathe, "Theoretical Foundations and Algorithms for Outlier Ensembles", SIGKDD Explorations 17 (2015)
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function ensemble<const K extends string = any>(
  members: readonly DetectorSpec<K>[],
  options: EnsembleOptions = {}
): DetectorSpec<K> {
  const { combine = 'mean', normalise = 'p-value' } = options
  oneOf(combine, ['mean', 'max'], 'combine')
  oneOf(normalise, ['p-value', 'rank'], 'normalise')
  checkMembers(members)
  const scaled = members.map((member) => pValue(member))
  const kind = `${combine} ${normalise} of ${members.map((member) => member.kind).join(', ')}`
  const made = (inner: readonly Detector[]): Detector =>
    new EnsembleDetector({ kind, version: VERSION, members: inner, combine, isRank: normalise === 'rank' })
  const recipes = members.map(recipeOf)
  const spec: DetectorSpec<K> = {
    kind,
    channels: namedChannels(members),
    only: (channel) => ensemble(membersOnly(members, channel), options),
    create: (channels: readonly Channel[]) => made(scaled.map((member) => member.create(channels))),
    restore(snapshot: Snapshot) {
      const states = membersOf(snapshot, kind, scaled.length)
      return made(scaled.map((member, m) => member.restore(states[m]!)))
    }
  }
  if (recipes.includes(undefined)) return spec
  return recorded({ factory: 'ensemble', options: Object.assign({}, options), members: recipes as Recipe[] }, spec)
}

function membersOnly(members: readonly DetectorSpec[], channel: string): readonly DetectorSpec[] {
  return members.map((member) => member.only?.(channel) ?? member)
}

function checkMembers(members: readonly DetectorSpec[]): void {
  if (!Array.isArray(members)) throw new TypeError(`ensemble: members must be a list, got ${String(members)}`)
  if (members.length < 2) throw new RangeError(`ensemble: members must be at least two, got ${members.length}`)
  members.forEach((member: DetectorSpec | undefined, m) => {
    if (typeof member?.create !== 'function')
      throw new TypeError(`ensemble: members[${m}] must be a detector such as robustZ(), got ${String(member)}`)
  })
}

function oneOf(value: string, allowed: readonly string[], option: string): void {
  if (!allowed.includes(value))
    throw new RangeError(`ensemble: ${option} must be ${allowed.map((one) => `'${one}'`).join(' or ')}, got '${value}'`)
}

/** All channels that members name; none where a member takes what there is. */
function namedChannels<K extends string>(members: readonly DetectorSpec<K>[]): readonly K[] | undefined {
  if (members.some(({ channels }) => channels === undefined)) return undefined
  return [...new Set(members.flatMap(({ channels }) => channels!))]
}

function membersOf({ kind, version, state }: Snapshot, wanted: string, count: number): readonly Snapshot[] {
  if (kind !== wanted) throw new SnapshotIncompatibleError(wanted, `the snapshot is of '${kind}'`)
  if (version !== VERSION) throw new SnapshotIncompatibleError(wanted, `version ${version}, expected ${VERSION}`)
  const { members } = Object(state) as { members?: readonly Snapshot[] }
  if (Array.isArray(members) && members.length === count) return members
  throw new SnapshotIncompatibleError(wanted, `it must hold ${count} members`)
}
