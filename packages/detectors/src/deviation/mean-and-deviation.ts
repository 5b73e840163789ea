import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { restoredMoments } from '../statistics/restored-moments.ts'
import { RunningMoments } from '../statistics/running-moments.ts'
import { type Reach, restoredRows } from '../statistics/scan-window.ts'
import { WindowMoments } from '../statistics/window-moments.ts'
import type { Normal } from './normal.ts'

interface Moments {
  readonly count: number
  readonly mean: Float64Array
  readonly squares: Float64Array
  clear(): void
  add(row: Float64Array, seconds: number): void
  refresh?(): void
}

/** Mean and sample standard deviation of everything learned. @internal */
export function allScans(width: number, moments: RunningMoments = new RunningMoments(width)): Normal {
  return normalOf(moments, () => ({
    count: moments.count,
    mean: moments.mean.slice(),
    squares: moments.squares.slice()
  }))
}

/** @internal */
export function restoredAllScans(reader: SnapshotReader, width: number): Normal {
  return allScans(width, restoredMoments(reader, width))
}

/** Mean and sample standard deviation of the last scans learned. @internal */
export function windowedScans(
  width: number,
  reach: Reach,
  moments: WindowMoments = new WindowMoments(width, reach)
): Normal {
  return normalOf(moments, () => {
    const { rows, seconds, older } = moments.state()
    return { rows, seconds, older }
  })
}

/** @internal */
export function restoredWindowedScans(reader: SnapshotReader, width: number, reach: Reach): Normal {
  const moments = new WindowMoments(width, reach)
  const { rows, seconds } = restoredRows(reader, width, reach)
  const older = reader.whole('older')
  if (older > seconds.length) reader.refuse(`its older must be at most ${seconds.length}, got ${older}`)
  moments.restore(rows, seconds, older)
  return windowedScans(width, reach, moments)
}

function normalOf(moments: Moments, state: () => Record<string, unknown>): Normal {
  const width = moments.mean.length
  const deviation = new Float64Array(width)
  return {
    get count() {
      return moments.count
    },
    center: moments.mean,
    deviation,
    fit({ length, rows, seconds }: LearnedScans) {
      moments.clear()
      for (let i = 0; i < length; i += 1) moments.add(rows.subarray(i * width, (i + 1) * width), seconds[i]!)
    },
    learn(row, seconds) {
      moments.add(row, seconds)
    },
    refresh() {
      moments.refresh?.()
      for (let u = 0; u < width; u += 1) deviation[u] = Math.sqrt(moments.squares[u]! / (moments.count - 1))
    },
    state
  }
}
