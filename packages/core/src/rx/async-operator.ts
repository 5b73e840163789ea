import { Observable, type Subscriber } from 'rxjs'
import { KernelCell } from '../kernels/kernel-cell.ts'
import { Lanes } from '../kernels/lanes.ts'
import type { Block } from '../model/block.ts'
import type { AsyncKernel, Emission, Kernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { type Mode, named, type Operator, type OperatorSpec, operator } from './operator.ts'
import { bareHost, type OperatorHost, type OperatorRun } from './operator-run.ts'

/**
 * What makes an asynchronous operator.
 *
 * @example
 * ```ts
 * import type { AsyncOperatorSpec } from '@messwerk/core'
 *
 * const spec: AsyncOperatorSpec = { id: 'remote', kernel: (stream) => ({ output: stream, process: async (block) => block }) }
 * spec.id // => 'remote'
 * ```
 */
export interface AsyncOperatorSpec<N extends string = never, A extends string = never, M extends Mode = 'extend'>
  extends Omit<OperatorSpec<N, A, M>, 'kernel'> {
  /** Blocks that may be worked on at once. @defaultValue 1 */
  readonly concurrency?: number | undefined
  /** Called once a stream, at its first block: names, rates and sizes are checked here. */
  kernel(stream: Stream): AsyncKernel
}

/**
 * Makes an operator whose kernel answers later, for example a model in another process. Outputs keep the order of their
 * inputs; a pipeline asks its source for no more while `concurrency` blocks are being worked on.
 *
 * @throws TypeError or RangeError when the spec is wrong
 *
 * @example
 * ```ts
 * import { asyncOperator } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const later = asyncOperator({ id: 'later', kernel: (stream) => ({ output: stream, process: async (block) => block }) })
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * const out = await lastValueFrom(of(block).pipe(later))
 * out === block // => true
 * ```
 */
export function asyncOperator<N extends string = never, A extends string = never, M extends Mode = 'extend'>(
  spec: AsyncOperatorSpec<N, A, M>
): Operator<N, A, M> {
  const { concurrency = 1 } = spec
  if (!(Number.isInteger(concurrency) && concurrency > 0)) {
    throw new RangeError(`${spec.id}: concurrency must be a positive whole number, got ${concurrency}`)
  }
  return madeLater(spec, concurrency)
}

/** An asynchronous operator whose kernels share something in a run: one block at a time. @internal */
export function sharedOperator<N extends string = never, A extends string = never>(
  spec: Omit<AsyncOperatorSpec<N, A>, 'kernel' | 'concurrency'>,
  begin: (host: OperatorHost) => OperatorRun
): Operator<N, A> {
  const kernel = (stream: Stream): AsyncKernel => begin(bareHost).kernel(stream)
  return madeLater<N, A, 'extend'>(Object.assign({}, spec, { kernel }), 1, begin)
}

function madeLater<N extends string, A extends string, M extends Mode>(
  spec: AsyncOperatorSpec<N, A, M>,
  concurrency: number,
  begin?: (host: OperatorHost) => OperatorRun
): Operator<N, A, M> {
  const { id, needs, adds, mode, onGap, maxGap, version, settings, migrate } = spec
  const checked = operator({
    id,
    needs,
    adds,
    mode,
    onGap,
    maxGap,
    version,
    settings,
    migrate,
    kernel: spec.kernel as unknown as (stream: Stream) => Kernel
  })
  const parts = {
    id,
    needs: checked.needs,
    adds: checked.adds,
    mode: checked.mode,
    onGap: checked.onGap,
    maxGap,
    kernel: checked.kernel,
    version,
    settings,
    migrate,
    concurrency,
    begin
  }
  const apply = (source: Observable<Block>): Observable<Block> => inOrder(source, parts as unknown as Operator)
  return named(apply, parts) as unknown as Operator<N, A, M>
}

function inOrder(source: Observable<Block>, parts: Operator): Observable<Block> {
  return new Observable((subscriber) => {
    const abort = new AbortController()
    const queue = new OrderedWork(parts, abort.signal, subscriber)
    // not with the source: what it gave last is still being worked on when it ends
    subscriber.add(() => {
      abort.abort()
      void queue.close()
    })
    return source.subscribe({
      next: (block) => queue.add(block),
      error: (error: unknown) => subscriber.error(error),
      complete: () => queue.end()
    })
  })
}

/** The operator in one run: its kernels are those of the run. @internal */
export function boundTo(run: OperatorRun, operator: Operator): Operator {
  const { id, needs, mode, onGap, maxGap, concurrency, version, settings, migrate } = operator
  const kernel = (stream: Stream): Kernel => {
    for (const name of needs) stream.index(name)
    return run.kernel(stream) as unknown as Kernel
  }
  return { id, needs, mode, onGap, maxGap, concurrency, version, settings, migrate, kernel } as unknown as Operator
}

interface Work {
  readonly block: Block
  readonly cell: KernelCell
  started: boolean
  done: boolean
  emission: Emission
}

/** Starts up to `concurrency` blocks at once and emits their results in the order of the blocks. */
class OrderedWork {
  readonly #parts: Operator
  readonly #run: OperatorRun | undefined
  readonly #signal: AbortSignal
  readonly #subscriber: Subscriber<Block>
  readonly #lanes: Lanes<{ lastUsed: number; cell: KernelCell }>
  readonly #waiting: Work[] = []
  #ended = false

  constructor(parts: Operator, signal: AbortSignal, subscriber: Subscriber<Block>) {
    this.#run = parts.begin?.(bareHost)
    this.#run?.open().catch(() => {}) // is told by the first block, which waits for it
    this.#parts = this.#run === undefined ? parts : boundTo(this.#run, parts)
    this.#signal = signal
    this.#subscriber = subscriber
    this.#lanes = new Lanes(
      (_split, stream) => ({ lastUsed: 0, cell: new KernelCell(this.#parts, stream) }),
      100_000,
      () => {}
    )
  }

  add(block: Block): void {
    try {
      if (this.#waiting.length === 0) this.#run?.turn()
      const lane = this.#lanes.get(block.origin.split, block.stream)
      if (lane.cell.stream !== block.stream) lane.cell = new KernelCell(this.#parts, block.stream)
      this.#waiting.push({ block, cell: lane.cell, started: false, done: false, emission: undefined })
      this.#start()
    } catch (error) {
      this.#subscriber.error(error)
    }
  }

  async close(): Promise<void> {
    await this.#run?.close()
  }

  end(): void {
    this.#ended = true
    if (this.#waiting.length === 0) this.#subscriber.complete()
  }

  #start(): void {
    for (const work of this.#waiting.slice(0, this.#parts.concurrency)) {
      if (work.started) continue
      work.started = true
      work.cell.enter(work.block)
      const kernel = work.cell.kernel as unknown as AsyncKernel
      kernel.process(work.block, this.#signal).then(
        (emission) => this.#finish(work, emission),
        (error: unknown) => this.#subscriber.error(error)
      )
    }
  }

  #finish(work: Work, emission: Emission): void {
    work.done = true
    work.emission = emission
    while (this.#waiting[0]?.done) {
      const { block, cell, emission: next } = this.#waiting.shift() as Work
      if (block.gap) cell.note(block)
      ;(cell.kernel as unknown as AsyncKernel).notices?.() // there is nobody to tell
      const carried = cell.carry(next)
      if (Array.isArray(carried)) for (const block of carried) this.#subscriber.next(block)
      else if (carried !== undefined) this.#subscriber.next(carried as Block)
    }
    this.#start()
    if (this.#ended) this.end()
  }
}
