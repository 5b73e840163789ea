import type { CheckpointClaim, CheckpointStore } from '../model/checkpoint.ts'
import { isSdkError } from '../model/errors.ts'
import { type Scheduler, sleep } from '../time/scheduler.ts'
import { keepTrying } from './keep-trying.ts'
import { type Restored, refuseMismatch, restore } from './restore.ts'
import type { ComponentStatus } from './status.ts'

/** What taking over needs of its run. @internal */
export interface TakeOverHost {
  readonly id: string
  readonly scheduler: Scheduler
  readonly isStopping: boolean
  component(id: string, kind: ComponentStatus['kind'], state: ComponentStatus['state'], why?: string): void
  info(message: string): void
  warn(message: string): void
}

/**
 * Takes over the checkpoints of a pipeline and puts its parts where the newest was taken; undefined when the run was
 * stopped meanwhile. A store that is away or full is waited for.
 *
 * @throws SnapshotIncompatibleError
 * @internal
 */
export async function takeOver(
  host: TakeOverHost,
  store: CheckpointStore,
  stop: AbortSignal,
  parts: Restored
): Promise<CheckpointClaim | undefined> {
  const claim = await claimed(host, store, stop, parts)
  if (!claim) return undefined
  for (const why of claim.skipped ?? []) host.warn(`${host.id}: ${why}`)
  if (claim.latest) {
    const { number, takenAt } = claim.latest
    restore(host.id, claim.latest, parts, (message) => host.warn(message))
    const age = Math.max(0, host.scheduler.now() - takenAt) / 1000
    host.info(`${host.id}: goes on from checkpoint ${number}, ${age.toFixed(1)} s old`)
  }
  host.component('checkpoints', 'checkpoints', 'running')
  return claim
}

async function claimed(
  host: TakeOverHost,
  store: CheckpointStore,
  stop: AbortSignal,
  parts: Restored
): Promise<CheckpointClaim | undefined> {
  const backoff = keepTrying()
  while (!host.isStopping) {
    try {
      await refuseBefore(host.id, store, parts)
      return await store.claim(host.id)
    } catch (error) {
      if (!(isSdkError(error) && error.retryable)) throw error
      const wait = backoff.next()
      const why = `${error.message}; next try in ${(wait / 1000).toFixed(1)} s`
      host.component('checkpoints', 'checkpoints', 'degraded', why)
      await sleep(wait, host.scheduler, stop)
    }
  }
  return undefined
}

/** A pipeline that does not fit is refused before it fences the one that runs. */
async function refuseBefore(id: string, store: CheckpointStore, parts: Restored): Promise<void> {
  if (parts.onMismatch !== 'refuse') return
  const latest = await store.latest?.(id)
  if (latest) refuseMismatch(id, latest, parts)
}
