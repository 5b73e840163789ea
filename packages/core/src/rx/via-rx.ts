import { type OperatorFunction, Subject } from 'rxjs'
import type { Block } from '../model/block.ts'
import type { Emission, Kernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { type Operator, operator } from './operator.ts'

/**
 * Admits a stateless, synchronous RxJS operator to a pipeline.
 *
 * Each block must come out, if at all, while it is being pushed: what comes later belongs to no turn, could not be
 * counted, and fails the run. Operators that wait (`delay`, `debounceTime`) or finish early (`take`) do not fit; use
 * them on `run.tap$` or on `observe(source)`.
 *
 * @param id - name in errors and descriptions
 * @throws Error at the block where an output came outside its turn, or the operator completed or failed
 *
 * @example
 * ```ts
 * import { viaRx } from '@messwerk/core'
 * import { type Block, blockOf } from '@messwerk/core/model'
 * import { filter, lastValueFrom, of, toArray } from 'rxjs'
 *
 * const long = viaRx('long', filter((block: Block<'a'>) => block.length > 1))
 * const shape = { stream: 's', channels: { a: 'V' }, rate: 10 } as const
 * const blocks = of(blockOf(shape, { a: [1] }), blockOf(shape, { a: [1, 2] }))
 * const kept = await lastValueFrom(blocks.pipe(long, toArray()))
 * kept.length // => 1
 * ```
 */
export function viaRx<C extends string, D extends string = C>(
  id: string,
  rx: OperatorFunction<Block<C>, Block<D>>
): Operator<C, D, 'replace'> {
  if (typeof rx !== 'function') throw new TypeError(`viaRx '${id}': needs an RxJS operator, got ${typeof rx}`)
  return operator<C, D, 'replace'>({ id, mode: 'replace', onGap: 'hold', kernel: (stream) => rxKernel(id, rx, stream) })
}

function rxKernel<C extends string, D extends string>(
  id: string,
  rx: OperatorFunction<Block<C>, Block<D>>,
  stream: Stream
): Kernel {
  const input = new Subject<Block<C>>()
  let collected: Block[] | undefined
  let broken: unknown
  const refuse = (what: string): void => {
    broken ??= new Error(
      `viaRx '${id}' ${what}; inside a pipeline only stateless synchronous RxJS operators fit (map, filter, tap). Use it on run.tap$ or observe(source) instead`
    )
  }
  input.pipe(rx).subscribe({
    next: (block) => (collected ? collected.push(block) : refuse('emitted outside a turn')),
    error: (error: unknown) => {
      broken ??= error
    },
    complete: () => refuse('completed')
  })
  const check = (): void => {
    if (broken !== undefined) throw broken
  }
  return {
    output: stream,
    process(block): Emission {
      check()
      collected = []
      input.next(block)
      const out = collected
      collected = undefined
      check()
      return out.length === 1 ? out[0] : out
    }
  }
}
