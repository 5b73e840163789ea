import type { DetectorSpec, Span } from '@messwerk/core/model'
import type { MinDeviation } from '../detector/channel-plan.ts'
import { sequenceSpec } from '../detector/detector-spec.ts'
import { allScans, restoredAllScans, restoredWindowedScans, windowedScans } from '../deviation/mean-and-deviation.ts'
import type { Normal } from '../deviation/normal.ts'
import { reachOf, reachText } from '../statistics/scan-window.ts'
import type { Chart } from './chart.ts'
import { ChartModel } from './chart-model.ts'

/** What charts have in common. @internal */
export interface ChartParts {
  readonly factory: string
  /** What users called it with. */
  readonly options: object
  readonly kind: string
  readonly channels: readonly string[] | undefined
  readonly minDeviation: MinDeviation<string> | undefined
  readonly window: Span | undefined
  /** Of the chart, as texts. */
  readonly settings: Readonly<Record<string, string>>
  chart(width: number): Chart
}

/** The description of a detector that is a control chart. @internal */
export function chartSpec<K extends string>(parts: ChartParts): DetectorSpec<K> {
  const { factory, options, kind, channels, minDeviation, window, settings, chart } = parts
  const reach = window === undefined ? undefined : reachOf(factory, window)
  const untaught = (width: number): Normal => (reach ? windowedScans(width, reach) : allScans(width))
  return sequenceSpec({
    factory,
    options,
    kind,
    version: 1,
    channels,
    minDeviation,
    // eslint-disable-next-line no-restricted-syntax -- options
    settings: { ...settings, window: reachText(reach) },
    model: ({ used, floors }) => new ChartModel(untaught(used.length), floors, chart(used.length)),
    restored({ used, floors }, reader) {
      const width = used.length
      const normal = reach ? restoredWindowedScans(reader, width, reach) : restoredAllScans(reader, width)
      return ChartModel.restored(reader, normal, floors, chart(width))
    }
  })
}

/** Checks an option that must be a finite number from or above 0. @internal */
export function checkSize(factory: string, option: string, value: number, isZeroAllowed = false): void {
  if (typeof value !== 'number') throw new TypeError(`${factory}: ${option} must be a number, got ${String(value)}`)
  if (value < Number.POSITIVE_INFINITY && (value > 0 || (isZeroAllowed && value === 0))) return
  const rule = isZeroAllowed ? 'finite and at least 0' : 'finite and above 0'
  throw new RangeError(`${factory}: ${option} must be ${rule}, got ${String(value)}`)
}
