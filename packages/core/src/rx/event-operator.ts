import { Observable } from 'rxjs'
import { Lanes } from '../kernels/lanes.ts'
import type { Block } from '../model/block.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { EventKernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { named } from './operator.ts'

/**
 * A step that turns blocks into events.
 *
 * @example
 * ```ts
 * import { toEvents, type EventOperator } from '@messwerk/core'
 *
 * const events: EventOperator<'score'> = toEvents()
 * events.needs // => ['score']
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface EventOperator<out N extends string = any> {
  <C extends string>(source: Observable<Block<C | N>>): Observable<MeasurementEvent>
  readonly id: string
  readonly needs: readonly N[]
  /** Makes the kernel for a stream, at its first block. */
  readonly kernel: (stream: Stream) => EventKernel
  /** Version of its kernels' state. @defaultValue 1 */
  readonly version?: number | undefined
  /** What the state depends on, as JSON: a checkpoint taken with other settings is refused. */
  readonly settings?: unknown
  /** Turns a state of an older version into one of this version. */
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
}

/**
 * What makes an event operator.
 *
 * @example
 * ```ts
 * import type { EventOperatorSpec } from '@messwerk/core'
 *
 * const spec: EventOperatorSpec = { id: 'silent', kernel: () => ({ process: () => [] }) }
 * spec.id // => 'silent'
 * ```
 */
export interface EventOperatorSpec<N extends string = never> {
  readonly id: string
  readonly needs?: readonly N[] | undefined
  /** Of the shape and meaning of its kernels' state; raise it when that changes. @defaultValue 1 */
  readonly version?: number | undefined
  /** What the state depends on, as JSON: a checkpoint taken with other settings is refused. */
  readonly settings?: unknown
  /** Turns a state of an older version into one of this version; without it such a state is refused. */
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
  /** Called once a stream, at its first block: names are checked here. */
  kernel(stream: Stream): EventKernel
}

/**
 * Makes an event operator from a kernel. The kernel itself decides what a gap means to it: it sees `block.gap`.
 *
 * @example
 * ```ts
 * import { eventOperator } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { lastValueFrom, of, toArray } from 'rxjs'
 *
 * const silent = eventOperator({ id: 'silent', kernel: () => ({ process: () => [] }) })
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1] })
 * await lastValueFrom(of(block).pipe(silent, toArray())) // => []
 * ```
 */
export function eventOperator<N extends string = never>(spec: EventOperatorSpec<N>): EventOperator<N> {
  const { id, needs = [], version, settings, migrate } = spec
  const kernel = (stream: Stream): EventKernel => {
    for (const name of needs) stream.index(name)
    return spec.kernel(stream)
  }
  const apply = (source: Observable<Block>): Observable<MeasurementEvent> => throughEventKernels(source, kernel)
  return named(apply, { id, needs, kernel, version, settings, migrate }) as unknown as EventOperator<N>
}

interface EventLane {
  lastUsed: number
  stream: Stream
  kernel: EventKernel
}

function throughEventKernels(
  source: Observable<Block>,
  kernel: (stream: Stream) => EventKernel
): Observable<MeasurementEvent> {
  return new Observable((subscriber) => {
    const make = (_split: string, stream: Stream): EventLane => ({ lastUsed: 0, stream, kernel: kernel(stream) })
    const lanes = new Lanes<EventLane>(make, 100_000, () => {})
    const emit = (events: readonly MeasurementEvent[] = []): void => {
      for (const event of events) subscriber.next(event)
    }
    const guarded = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        subscriber.error(error)
      }
    }
    const take = (block: Block): void => {
      const lane = lanes.get(block.origin.split, block.stream)
      if (lane.stream !== block.stream) {
        emit(lane.kernel.flush?.())
        lane.stream = block.stream
        lane.kernel = kernel(block.stream)
      }
      emit(lane.kernel.process(block))
    }
    return source.subscribe({
      next: (block) => guarded(() => take(block)),
      error: (error: unknown) => subscriber.error(error),
      complete: () =>
        guarded(() => {
          for (const lane of lanes.all()) emit(lane.kernel.flush?.())
          subscriber.complete()
        })
    })
  })
}
