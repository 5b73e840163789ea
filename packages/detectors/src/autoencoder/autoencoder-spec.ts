import type { DetectorSpec } from '@messwerk/core/model'
import type { ChannelPlan } from '../detector/channel-plan.ts'
import { type DetectorParts, scanSpec, sequenceSpec } from '../detector/detector-spec.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import type { AutoencoderOptions } from './autoencoder.ts'
import { AutoencoderMemory, atOnce, type Run } from './autoencoder-memory.ts'
import { AutoencoderModel } from './autoencoder-model.ts'
import { checkSize, type SettledOptions, settingsOf, settledOptions } from './settled-options.ts'
import { WindowAutoencoderModel } from './window-autoencoder-model.ts'

/** @param run - carries out each fit @internal */
export function autoencoderSpec<K extends string>(options: AutoencoderOptions<K>, run: Run = atOnce): DetectorSpec<K> {
  const settled = settledOptions(options)
  const { window, missing } = settled
  const partial = missing === 'mask'
  const memory = (floors: Float64Array): AutoencoderMemory => new AutoencoderMemory(settled, floors, run)
  if (window === undefined)
    return scanSpec(
      partsOf(options, settled, ({ floors }, reader) => new AutoencoderModel(memory(floors), partial, reader))
    )
  return sequenceSpec(
    partsOf(options, settled, ({ floors }, reader) => {
      return new WindowAutoencoderModel(memory(floors), floors.length, partial, reader)
    })
  )
}

function partsOf<M>(
  options: AutoencoderOptions,
  settled: SettledOptions,
  make: (plan: ChannelPlan, from?: SnapshotReader) => M
): DetectorParts<M> {
  const { channels, minDeviation } = options
  return {
    factory: 'autoencoder',
    options,
    kind: 'autoencoder',
    version: 1,
    channels,
    minDeviation,
    random: true,
    settings: settingsOf(settled),
    model(plan) {
      checkSize(settled, plan)
      return make(plan)
    },
    restored: make
  }
}
