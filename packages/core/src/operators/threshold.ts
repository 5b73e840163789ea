import type { Block } from '../model/block.ts'
import type { Kernel } from '../model/kernel.ts'
import { type Limits, limitsSpec, parseLimits } from '../model/limits.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { extendStream, type Stream } from '../model/stream.ts'
import type { Threshold, ThresholdSpec } from '../model/threshold.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { DetectClock } from './detect-clock.ts'
import { withGood } from './detect-page.ts'

/**
 * Watches one channel, a value or a score, with fixed limits.
 *
 * Adds `<channel>.limit` in the unit of the channel and `<channel>.flag`: 0 normal, 1 warning, 2 alarm. NaN keeps the flag. At
 * a declared hole the flag stays and a running delay starts anew.
 *
 * @throws TypeError or RangeError when an option is wrong; at a stream's first block RangeError when it has no such channel
 *
 * @example
 * ```ts
 * import { threshold } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [5, 6, 5.5, 4, 5] })
 * const watched = await lastValueFrom(of(block).pipe(threshold({ of: 'pressure', raise: 6, clear: 5, warn: 4.5 })))
 * column(watched, 'pressure.flag') // => Float64Array.of(1, 2, 2, 0, 1)
 * ```
 */
export function threshold<const K extends string>(
  options: { readonly of: K } & Limits
): Operator<K, `${K}.limit` | `${K}.flag`> {
  const { of } = options
  if (typeof of !== 'string' || of === '') throw new TypeError(`threshold: of must name a channel, got ${String(of)}`)
  const spec = limitsSpec(parseLimits(options, 'threshold: '))
  const kernel = (stream: Stream): Kernel => new ThresholdKernel(stream, of, spec)
  return operator({
    id: 'threshold',
    needs: [of],
    adds: [`${of}.limit`, `${of}.flag`],
    onGap: 'hold',
    settings: { of },
    kernel
  })
}

interface ThresholdState {
  readonly origin: string | undefined
  readonly threshold: Snapshot
}

class ThresholdKernel implements Kernel {
  readonly output: Stream
  readonly #at: number
  readonly #spec: ThresholdSpec
  readonly #clock = new DetectClock()
  #threshold: Threshold

  constructor(stream: Stream, of: string, spec: ThresholdSpec) {
    this.#at = stream.index(of)
    const { unit } = stream.channels[this.#at]!
    const limit = { name: `${of}.limit`, unit, role: 'limit' } as const
    this.output = extendStream(stream, [limit, { name: `${of}.flag`, unit: '1', role: 'flag' }], 'threshold')
    this.#spec = spec
    this.#threshold = spec.create()
  }

  process(block: Block): Block {
    if (block.gap !== undefined) this.#threshold.gap?.()
    this.#clock.meet(block)
    const { length, time, quality, gap, origin } = block
    const values = new Float64Array(this.output.channels.length * length)
    values.set(block.values)
    const limit = block.values.length
    for (let i = 0; i < length; i += 1) {
      values[limit + i] = this.#threshold.limit
      values[limit + length + i] = this.#threshold.decide(values[this.#at * length + i]!, this.#clock.seconds(i))
    }
    return { stream: this.output, length, values, time, quality: withGood(quality, values.length), gap, origin }
  }

  snapshot(): unknown {
    const state: ThresholdState = { origin: this.#clock.snapshot(), threshold: this.#threshold.snapshot() }
    return state
  }

  restore(state: unknown): void {
    const { origin, threshold } = state as ThresholdState
    this.#threshold = this.#spec.restore(threshold)
    this.#clock.restore(origin)
  }
}
