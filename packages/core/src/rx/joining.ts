import { Observable } from 'rxjs'
import type { Block } from '../model/block.ts'
import type { Kernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { systemTime } from '../time/index.ts'
import { named, type Operator } from './operator.ts'

/** What joins streams: one for all splits, or one for each. @internal */
export interface Joint {
  readonly output: Stream
  /**
   * Takes a block of one of its streams.
   *
   * @param owner - whoever hands over the stream: there may be one
   * @returns how many scans came too late for a row that was given
   * @throws RangeError when the block does not fit
   */
  take(block: Block, owner: unknown): number
  /** What can be given by now. */
  emit(): readonly Block[]
  /** No more of a stream will come. */
  end(stream: string): void
  /** No more will come at all: `emit` gives the rest. */
  finish(): void
  /** Forgets one of its streams. */
  forget(stream: string): void
  /** Its own state, copied. */
  snapshot(): unknown
  restore(state: unknown): void
  /** The state of one of its streams, copied. */
  snapshotOf(stream: string): unknown
  restoreOf(stream: string, state: unknown, owner: unknown): void
}

/** How an operator joins streams. @internal */
export interface Joining {
  /** Whether each split is joined by itself. */
  readonly isPerSplit: boolean
  /** Whether a stream is one of those that are joined; others are left out. */
  readonly joins: (stream: string) => boolean
  /** @param elapsed - time that only goes forward, ms */
  readonly open: (split: string, elapsed: () => number) => Joint
}

/** An operator that joins streams; it has no kernel for one stream. @internal */
export function joiningOperator<A extends string>(
  spec: Pick<Operator, 'id' | 'settings'> & { readonly adds: readonly A[] },
  joining: Joining
): Operator<never, A, 'replace'> {
  const { id, adds, settings } = spec
  const kernel = (): Kernel => {
    throw new TypeError(`${id}: joins streams, so it stands in pipe by itself and not inside another operator`)
  }
  const parts = { id, needs: [], adds, mode: 'replace', onGap: 'hold', kernel, settings, joining } as const
  return named((source: Observable<Block>) => joined(source, joining), parts) as unknown as Operator<
    never,
    A,
    'replace'
  >
}

function joined(source: Observable<Block>, { isPerSplit, joins, open }: Joining): Observable<Block> {
  return new Observable((subscriber) => {
    const joints = new Map<string, Joint>()
    const emit = (joint: Joint): void => {
      for (const block of joint.emit()) subscriber.next(block)
    }
    const guarded = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        subscriber.error(error)
      }
    }
    const next = (block: Block): void => {
      if (!joins(block.stream.id)) return
      const { split } = block.origin
      const key = isPerSplit ? split : ''
      const joint = joints.get(key) ?? open(split, () => systemTime.elapsed())
      joints.set(key, joint)
      joint.take(block, split)
      emit(joint)
    }
    const complete = (): void => {
      for (const joint of joints.values()) {
        joint.finish()
        emit(joint)
      }
      subscriber.complete()
    }
    return source.subscribe({
      next: (block) => guarded(() => next(block)),
      error: (error: unknown) => subscriber.error(error),
      complete: () => guarded(complete)
    })
  })
}
