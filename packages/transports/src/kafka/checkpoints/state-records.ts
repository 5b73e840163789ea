import { createHash } from 'node:crypto'
import type { Checkpoint, LaneState, SplitState } from '@messwerk/core/model'
import { decodeCheckpoint, encodeCheckpoint } from '@messwerk/core/node'

/** One split of one source of a pipeline. @internal */
export interface SplitId {
  readonly pipeline: string
  readonly source: string
  readonly split: string
}

/** A record of the state topic; no value deletes its key. @internal */
export interface StateRecord {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * Key of a record: who has the split, its head (all but the streams), or one stream of it. The topic is compacted, so the newest of
 * each key stays.
 *
 * @internal
 */
export function keyOf(
  { pipeline, source, split }: SplitId,
  part: 'owner' | 'head' | { readonly stream: string }
): string {
  return JSON.stringify([pipeline, source, split].concat(typeof part === 'string' ? part : ['stream', part.stream]))
}

/** What all keys of a split begin with. @internal */
export function prefixOf({ pipeline, source, split }: SplitId): string {
  return `${JSON.stringify([pipeline, source, split]).slice(0, -1)},`
}

/** The records of one checkpoint of a split: its streams, then its head. @internal */
export function* recordsOf(
  id: SplitId,
  generation: number,
  { number, takenAt, steps }: Checkpoint,
  state: SplitState
): Generator<StateRecord> {
  const { pipeline } = id
  const { source, split, at, seen, gaps, lanes } = state
  for (const lane of lanes) {
    // of the stream alone, so that one that has not changed gives the same bytes
    const own: Checkpoint = { number: 0, takenAt: 0, steps: [], splits: [{ source, split, at: 0, lanes: [lane] }] }
    const value = encodeCheckpoint({ pipeline, generation: 0, checkpoint: own })
    yield { key: keyOf(id, { stream: lane.stream.id }), value }
  }
  const head: Checkpoint = { number, takenAt, steps, splits: [{ source, split, at, seen, gaps, lanes: [] }] }
  yield { key: keyOf(id, 'head'), value: encodeCheckpoint({ pipeline, generation, checkpoint: head }) }
}

/** A checkpoint from the newest record of each key; undefined where there is no head. @throws DecodeError @internal */
export function checkpointOf(
  id: SplitId,
  values: ReadonlyMap<string, Uint8Array>,
  topic: string
): Checkpoint | undefined {
  const headKey = keyOf(id, 'head')
  const bytes = values.get(headKey)
  if (bytes === undefined) return undefined
  const decoded = (key: string, value: Uint8Array): Checkpoint => decodeCheckpoint(value, `${topic} ${key}`).checkpoint
  const { number, takenAt, steps, splits } = decoded(headKey, bytes)
  const lanes: LaneState[] = []
  for (const [key, value] of values) {
    if (key === headKey || key === keyOf(id, 'owner')) continue
    lanes.push(...(decoded(key, value).splits[0] as SplitState).lanes)
  }
  const { source, split, at, seen, gaps } = splits[0] as SplitState
  return { number, takenAt, steps, splits: [{ source, split, at, seen, gaps, lanes }] }
}

/** Tells whether a value has changed since it was written. @internal */
export function digestOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('base64')
}
