import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { RunningMoments } from './running-moments.ts'

/** From the fields `count`, `mean` and `squares` of a snapshot. @internal */
export function restoredMoments(reader: SnapshotReader, width: number): RunningMoments {
  const moments = new RunningMoments(width)
  moments.count = reader.whole('count')
  moments.mean.set(reader.floats('mean', width))
  moments.squares.set(reader.floats('squares', width))
  return moments
}
