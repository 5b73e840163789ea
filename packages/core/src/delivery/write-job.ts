import type { Backoff, RetryPolicy } from './retry-policy.ts'

/** One call of `write`: what is still to be written, in order, the next at the end. @internal */
export interface Job<T> {
  readonly segments: (readonly T[])[]
  readonly signal: AbortSignal
  /** What is being written. */
  segment: readonly T[]
  readonly refused: T[]
  readonly letters: Promise<void>[]
  readonly backoff: Backoff
  /** Most items in one attempt: less after one that took too long. */
  most: number
  failingSince: number | undefined
}

/** @internal */
export function jobOf<T>(items: readonly T[], signal: AbortSignal, policy: RetryPolicy): Job<T> {
  const segments = items.length > 0 ? [items] : []
  const backoff = policy.backoff()
  return {
    segments,
    segment: [],
    signal,
    refused: [],
    letters: [],
    backoff,
    most: items.length,
    failingSince: undefined
  }
}

/** Takes what is to be written next, no more than `most`; false when there is nothing left. @internal */
export function nextSegment<T>(job: Job<T>): boolean {
  const segment = job.segments.pop()
  if (!segment) return false
  job.segment = segment.length > job.most ? segment.slice(0, job.most) : segment
  if (segment.length > job.most) job.segments.push(segment.slice(job.most))
  return true
}

/** Puts the segment back in two halves. @internal */
export function halve<T>(job: Job<T>): void {
  const { segment, segments } = job
  const middle = Math.ceil(segment.length / 2)
  segments.push(segment.slice(middle), segment.slice(0, middle))
  job.segment = []
}
