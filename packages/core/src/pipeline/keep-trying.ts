import { type Backoff, RetryPolicy } from '../delivery/retry-policy.ts'

/**
 * Waits for what a source may stand still without: a save, a commit, the claim of a start. They grow to 2 s only, so that
 * a long outage is not made longer, and one attempt in 2 s costs nothing.
 *
 * @internal
 */
export function keepTrying(): Backoff {
  return new RetryPolicy({ most: '2s' }).backoff()
}
