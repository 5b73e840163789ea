import type { DetectorSpec } from '@messwerk/core/model'
import { ShapeMismatchError } from '@messwerk/core/model'
import { scanSpec } from '../../detector/detector-spec.ts'
import type { Forest } from '../../isolation-forest/forest.ts'
import { grow } from '../../isolation-forest/grow.ts'
import { IsolationForestModel } from '../../isolation-forest/isolation-forest-model.ts'
import { Random } from '../../statistics/random.ts'

/**
 * The description of detectors that come with a forest. Kind and settings are those of `isolationForest({ trees, sample })`, which restores
 * their snapshots.
 *
 * @internal
 */
export function forestSpec(forest: Forest, channels: readonly string[] | undefined): DetectorSpec {
  const { trees, sample, width } = forest
  const growth = (features: number) => (scans: Parameters<typeof grow>[0]) =>
    grow(scans, features, { trees, sample, features, random: new Random(0) })
  return scanSpec({
    factory: 'isolationForest',
    options: channels ? { trees, sample, channels } : { trees, sample },
    kind: 'isolation-forest',
    version: 1,
    channels,
    random: true,
    settings: { trees: `${trees}`, sample: `${sample}`, maxFeatures: '1', seed: '0' },
    model({ used }) {
      if (used.length !== width) throw new ShapeMismatchError('readForest', width, used.length)
      return new IsolationForestModel(width, growth(width), forest)
    },
    restored: ({ used }, reader) => IsolationForestModel.restored(reader, used.length, growth(used.length))
  })
}
