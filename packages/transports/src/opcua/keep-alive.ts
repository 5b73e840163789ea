import type { Scheduler } from '@messwerk/core/driver'
import type { Subscription } from './open-subscription.ts'

/** A subscription that nobody asks for anything dies; a call that names it keeps it alive. @returns what ends it @internal */
export function keepAlive({ publishMs, lifetimeMs }: Subscription, scheduler: Scheduler, call: () => void): () => void {
  let cancel: () => void
  const wait = (): void => {
    cancel = scheduler.after(Math.max(publishMs, lifetimeMs / 4), () => {
      wait()
      call()
    })
  }
  wait()
  return () => cancel()
}
