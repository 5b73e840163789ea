import { Observable } from 'rxjs'
import { type GapRule, KernelCell } from '../kernels/kernel-cell.ts'
import { Lanes } from '../kernels/lanes.ts'
import type { Block } from '../model/block.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import { parseSpan } from '../model/span.ts'
import type { Stream } from '../model/stream.ts'
import type { Joining } from './joining.ts'
import type { OperatorHost, OperatorRun } from './operator-run.ts'

/**
 * Whether an operator adds channels to the same scans, or puts other scans in their place.
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 *
 * rms({ window: '100ms' }).mode // => 'replace'
 * ```
 */
export type Mode = 'extend' | 'replace'

/**
 * Channel names after an operator.
 *
 * @example
 * ```ts
 * import type { After } from '@messwerk/core'
 *
 * const name: After<'force', 'score', 'extend'> = 'force'
 * name // => 'force'
 * ```
 */
export type After<C extends string, A extends string, M extends Mode> = { extend: C | A; replace: A }[M]

/**
 * A step that turns blocks into blocks: an ordinary RxJS operator when called, and a kernel that a pipeline runs itself.
 *
 * `N` are the channels it needs, `A` those that it adds.
 *
 * @example
 * ```ts
 * import { rms, type Operator } from '@messwerk/core'
 *
 * const operator: Operator<'force', 'force.rms', 'replace'> = rms({ window: '100ms', channels: ['force'] })
 * operator.needs // => ['force']
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
export interface Operator<out N extends string = any, out A extends string = any, M extends Mode = 'extend'>
  extends GapRule {
  /** Only in types: stands first, so that the compiler says it where a plain RxJS operator is given. @internal */
  readonly 'a plain RxJS operator needs viaRx': true
  <C extends string>(source: Observable<Block<C | N>>): Observable<Block<After<C | N, A, M>>>
  readonly id: string
  readonly needs: readonly N[]
  readonly adds: readonly A[]
  readonly mode: M
  /** Makes the kernel for a stream, at its first block. */
  readonly kernel: (stream: Stream) => Kernel
  /** Blocks it may work on at once; only asynchronous operators have it. */
  readonly concurrency?: number | undefined
  /** Makes what its kernels share in one run. @internal */
  readonly begin?: ((host: OperatorHost) => OperatorRun) | undefined
  /** How it joins streams; it has no kernels then. @internal */
  readonly joining?: Joining | undefined
  /** Version of its kernels' state. @defaultValue 1 */
  readonly version?: number | undefined
  /** What the state depends on, as JSON: a checkpoint taken with other settings is refused. */
  readonly settings?: unknown
  /** Turns a state of an older version into one of this version. */
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
}

/**
 * What makes an operator.
 *
 * @example
 * ```ts
 * import type { OperatorSpec } from '@messwerk/core'
 *
 * const spec: OperatorSpec = { id: 'pass', kernel: (stream) => ({ output: stream, process: (block) => block }) }
 * spec.id // => 'pass'
 * ```
 */
export interface OperatorSpec<N extends string = never, A extends string = never, M extends Mode = 'extend'>
  extends GapRule {
  /** Name in errors, descriptions and checkpoints. */
  readonly id: string
  /** Channels that a stream must have. */
  readonly needs?: readonly N[] | undefined
  /** Channels that it adds, where they are known before the stream is. */
  readonly adds?: readonly A[] | undefined
  /** @defaultValue 'extend' */
  readonly mode?: M | undefined
  /** Of the shape and meaning of its kernels' state; raise it when that changes. @defaultValue 1 */
  readonly version?: number | undefined
  /** What the state depends on, as JSON (`{ window: '1s' }`): a checkpoint taken with other settings is refused. */
  readonly settings?: unknown
  /** Turns a state of an older version into one of this version; without it such a state is refused. */
  readonly migrate?: ((state: unknown, version: number) => unknown) | undefined
  /** Called once a stream, at its first block: names, rates and sizes are checked here. */
  kernel(stream: Stream): Kernel
}

const STREAM_LIMIT = 100_000

/**
 * Makes an operator from a kernel.
 *
 * The kernel sees the blocks of one stream of one split in order. It must not change its input.
 *
 * @throws TypeError or RangeError when the spec is wrong
 *
 * @example
 * ```ts
 * import { operator } from '@messwerk/core'
 * import { blockOf, column, type Block } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const absolute = operator({
 *   id: 'absolute',
 *   kernel: (stream) => ({
 *     output: stream,
 *     process({ length, values, time, quality, gap, origin }): Block {
 *       return { stream, length, values: values.map(Math.abs), time, quality, gap, origin }
 *     },
 *   }),
 * })
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [-1, 2] })
 * column(await lastValueFrom(of(block).pipe(absolute)), 'a') // => Float64Array.of(1, 2)
 * ```
 */
export function operator<N extends string = never, A extends string = never, M extends Mode = 'extend'>(
  spec: OperatorSpec<N, A, M>
): Operator<N, A, M> {
  const { id, needs = [], adds = [], mode = 'extend', onGap = 'reset', maxGap } = spec
  if (typeof id !== 'string' || id === '') throw new TypeError('operator: id must be a non-empty string')
  if (typeof spec.kernel !== 'function') throw new TypeError(`operator ${id}: kernel must be a function of the stream`)
  if (onGap !== 'reset' && onGap !== 'hold') {
    throw new RangeError(`${id}: onGap must be 'reset' or 'hold', got ${String(onGap)}`)
  }
  if (maxGap !== undefined) parseSpan(maxGap, `${id}: maxGap`)
  const kernel = (stream: Stream): Kernel => {
    for (const name of needs) stream.index(name)
    return spec.kernel(stream)
  }
  const { version, settings, migrate } = spec
  if (version !== undefined && !(Number.isInteger(version) && version > 0)) {
    throw new RangeError(`${id}: version must be a positive whole number, got ${version}`)
  }
  const parts = { id, needs, adds, mode, onGap, maxGap, kernel, version, settings, migrate }
  const apply = (source: Observable<Block>): Observable<Block> => throughKernels(source, parts as Operator)
  return named(apply, parts) as unknown as Operator<N, A, M>
}

/** Puts properties on a function; `name` and `length` of a function are its own, so they cannot be assigned. @internal */
export function named<F extends object, P extends object>(apply: F, parts: P): F & P {
  for (const [key, value] of Object.entries(parts)) {
    Object.defineProperty(apply, key, { value, enumerable: true })
  }
  return apply as F & P
}

interface RxLane {
  lastUsed: number
  cell: KernelCell
}

function throughKernels(source: Observable<Block>, parts: Operator): Observable<Block> {
  return new Observable((subscriber) => {
    const make = (_split: string, stream: Stream): RxLane => ({ lastUsed: 0, cell: new KernelCell(parts, stream) })
    const lanes = new Lanes<RxLane>(make, STREAM_LIMIT, () => {})
    const emit = (emission: Emission): void => {
      if (emission === undefined) return
      if (!Array.isArray(emission)) return subscriber.next(emission as Block)
      for (const block of emission) subscriber.next(block)
    }
    const guarded = (work: () => void): void => {
      try {
        work()
      } catch (error) {
        subscriber.error(error)
      }
    }
    return source.subscribe({
      next: (block) =>
        guarded(() => {
          const lane = lanes.get(block.origin.split, block.stream)
          if (lane.cell.stream !== block.stream) {
            emit(lane.cell.flush())
            lane.cell = new KernelCell(parts, block.stream)
          }
          emit(lane.cell.process(block))
        }),
      error: (error: unknown) => subscriber.error(error),
      complete: () =>
        guarded(() => {
          for (const lane of lanes.all()) emit(lane.cell.flush())
          subscriber.complete()
        })
    })
  })
}
