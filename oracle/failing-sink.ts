import { BatchError, type Sink, StorageError } from '@messwerk/core/model'
import { seeded } from './random.ts'

/**
 * A store that fails one write in five: before it wrote, after it wrote (the answer was lost), or with a part of the
 * items written and the others named.
 */
export function failingSink<T>(sink: Sink<T>, name: string, seed: number): Sink<T> {
  const random = seeded(seed)
  const failure = (why: string): StorageError => new StorageError(name, why, true)
  return {
    id: name,
    open: (signal) => sink.open?.(signal) ?? Promise.resolve(),
    async write(items, signal) {
      if (random() >= 0.2) return sink.write(items, signal)
      const kind = Math.floor(random() * 3)
      if (kind === 0) throw failure('refused on purpose')
      if (kind === 1) {
        await sink.write(items, signal)
        throw failure('written, but the answer is lost on purpose')
      }
      const failed = new Map<number, Error>()
      const kept = items.filter((_, i) => {
        const keep = random() < 0.5
        if (!keep) failed.set(i, failure('left out on purpose'))
        return keep
      })
      if (kept.length > 0) await sink.write(kept, signal)
      if (failed.size > 0) throw new BatchError(name, failed)
    },
    close: () => sink.close?.() ?? Promise.resolve()
  }
}
