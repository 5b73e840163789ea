import type { Channel, DetectorSpec, Snapshot } from '@messwerk/core/model'
import { channelPlan } from '../detector/channel-plan.ts'
import { recorded } from '../detector/recipe.ts'
import { ensemble } from '../ensemble/ensemble.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { spe } from '../pca/spe.ts'
import { t2 } from '../pca/t2.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { seedOf } from '../statistics/random.ts'

/**
 * Options of {@link auto}.
 *
 * @example
 * ```ts
 * import type { AutoOptions } from '@messwerk/detectors'
 *
 * const options: AutoOptions<'pressure' | 'flow'> = { channels: ['pressure', 'flow'], seed: 7 }
 * options.seed // => 7
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface AutoOptions<K extends string = any> {
  /** Channels to use. @defaultValue all of role measurement or feature */
  readonly channels?: readonly K[] | undefined
  /** Of the isolation forest. @defaultValue 1 */
  readonly seed?: number | undefined
}

/**
 * A detector for those who do not want to choose: the mean of robust z-score, T2, SPE and isolation forest, each on the scale of
 * p-values. One channel far out, channels that no longer move together, and rows in empty regions are each seen by one of them.
 * With one channel T2 and SPE are left out: they say nothing that robust z does not.
 *
 * - Input: any number of channels. Output, learning, shares: as {@link ensemble}; 2 = as odd as one normal scan in a hundred. NaN
 *   until it has fitted at least 20 scans; a few hundred are sensible.
 * - It learns by `fit`: use it in `detect` with a span (`learn: '1h'`). Cost: dominated by the forest, see the table of detectors.
 *
 * No method is best everywhere; on data that you know, a single one is often better, and cheaper.
 *
 * @throws RangeError or TypeError for wrong options
 *
 * @example
 * ```ts
 * import { auto, samples } from '@messwerk/detectors'
 *
 * const wave = (phase: number): number[] => Array.from({ length: 400 }, (_, i) => Math.sin(i / 3 + phase))
 * const detector = auto().create([{ name: 'a', unit: 'V' }, { name: 'b', unit: 'V' }])
 * detector.fit(samples({ a: wave(0), b: wave(0.3) }))
 * const [usual, odd] = detector.score(samples({ a: [wave(0)[50]!, 1], b: [wave(0.3)[50]!, -1] }))
 * usual! < 1 && odd! > 2 // => true
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export function auto<const K extends string = any>({ channels, seed = 1 }: AutoOptions<K> = {}): DetectorSpec<K> {
  seedOf('auto', seed)
  const chosen = channels === undefined ? {} : { channels }
  const each = [robustZ(chosen), isolationForest(Object.assign({ seed }, chosen))]
  const alone = ensemble<K>(each)
  const together = ensemble<K>([t2(chosen), spe(chosen)].concat(each))
  const spec: DetectorSpec<K> = {
    kind: 'auto',
    channels: together.channels,
    only: (channel) => auto({ channels: [channel], seed }),
    create(available: readonly Channel[]) {
      const { used } = channelPlan('auto', available, channels, undefined)
      return (used.length === 1 ? alone : together).create(available)
    },
    restore: (snapshot: Snapshot) => (Object(snapshot).kind === alone.kind ? alone : together).restore(snapshot)
  }
  return recorded({ factory: 'auto', options: Object.assign({ seed }, chosen) }, spec)
}
