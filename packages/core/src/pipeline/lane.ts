import type { Stream } from '../model/stream.ts'

/** What a run keeps for one stream of one split: the state of each step, by the step's index. @internal */
export interface Lane {
  readonly split: string
  readonly stream: Stream
  readonly states: unknown[]
  lastUsed: number
  /** Blocks lost in a row to a throwing operator, by the index of its step. */
  readonly failures: number[]
  /** Last sequence number of its publisher, where that counts. */
  sequence: number | undefined
  /** No block of it has come since the start. */
  isNew: boolean
  /** Its next block comes after a hole that nobody else declares. */
  isTorn: boolean
}

/** @internal */
export function newLane(split: string, stream: Stream): Lane {
  return { split, stream, states: [], lastUsed: 0, failures: [], sequence: undefined, isNew: true, isTorn: false }
}
