import type { Channel, Detector, DetectorSpec, Snapshot } from '@messwerk/core/model'
import { type ChannelPlan, channelPlan, checkChannelOptions, type MinDeviation, restoredPlan } from './channel-plan.ts'
import { recorded } from './recipe.ts'
import { ScanDetector } from './scan-detector.ts'
import type { ScanModel } from './scan-model.ts'
import { SequenceDetector } from './sequence-detector.ts'
import type { SequenceModel } from './sequence-model.ts'
import { SnapshotReader } from './snapshot-reader.ts'

/** What differs between detectors that are made of a model. @internal */
export interface DetectorParts<M> {
  /** Name of the function that users call, as in messages. */
  readonly factory: string
  /** What users called it with. */
  readonly options: object
  /** The one channel that it was narrowed to. */
  readonly only?: string
  readonly kind: string
  /** Of the snapshot. */
  readonly version: number
  readonly channels: readonly string[] | undefined
  readonly minDeviation?: MinDeviation<string> | undefined
  /** That of the spec: whether it learns a small random sample. */
  readonly random?: boolean
  /** Options that must be the same when a snapshot is restored, as texts; they are part of it. */
  readonly settings?: Readonly<Record<string, string>>
  /** A model that has learned nothing. @throws RangeError when it cannot work on these channels */
  model(plan: ChannelPlan): M
  /** A model that goes on from a state of its own. */
  restored(plan: ChannelPlan, reader: SnapshotReader): M
}

/** The description of a detector that looks at one scan at a time. @internal */
export function scanSpec<K extends string>(parts: DetectorParts<ScanModel>): DetectorSpec<K> {
  return specOf(parts, (common) => new ScanDetector(common))
}

/** The description of a detector whose score depends on the scans before. @internal */
export function sequenceSpec<K extends string>(parts: DetectorParts<SequenceModel>): DetectorSpec<K> {
  return specOf(parts, (common) => new SequenceDetector(common))
}

interface Common<M> {
  readonly factory: string
  readonly plan: ChannelPlan
  readonly model: M
  readonly clock: number
  readonly snapshot: (state: Record<string, unknown>) => Snapshot
  readonly reader: (from: Snapshot) => SnapshotReader
}

function specOf<K extends string, M>(parts: DetectorParts<M>, wrap: (common: Common<M>) => Detector): DetectorSpec<K> {
  const { factory, kind, version, minDeviation, random = false, settings = {} } = parts
  checkChannelOptions(factory, parts.channels, minDeviation)
  const channels = parts.channels?.slice() as K[] | undefined
  const snapshot = (state: Record<string, unknown>): Snapshot => ({
    kind,
    version,
    state: Object.assign(state, { settings: Object.assign({}, settings) })
  })
  const reader = (from: Snapshot): SnapshotReader => {
    const opened = new SnapshotReader(from, kind, version)
    opened.sameSettings(settings)
    return opened
  }
  const only = (channel: string): DetectorSpec => specOf(partsOfOne(parts, channel), wrap)
  return recorded<K>(
    { factory, options: Object.assign({}, parts.options), only: parts.only },
    {
      kind,
      channels,
      only,
      random,
      create(available: readonly Channel[]): Detector {
        const plan = channelPlan(factory, available, channels, minDeviation)
        return wrap({ factory, plan, model: parts.model(plan), clock: 0, snapshot, reader })
      },
      restore(from: Snapshot): Detector {
        const opened = new SnapshotReader(from, kind, version)
        const plan = restoredPlan(opened, channels, minDeviation)
        opened.sameSettings(settings)
        const clock = opened.number('clock')
        return wrap({ factory, plan, model: parts.restored(plan, opened), clock, snapshot, reader })
      }
    }
  )
}

/** The least deviations of other channels are left out. */
function partsOfOne<M>(parts: DetectorParts<M>, channel: string): DetectorParts<M> {
  const { minDeviation } = parts
  const floor = typeof minDeviation === 'object' ? minDeviation[channel] : minDeviation
  return Object.assign({}, parts, { channels: [channel], minDeviation: floor, only: channel })
}
