import type { Block } from '../model/block.ts'
import type { Kernel } from '../model/kernel.ts'
import { extendStream, type Stream } from '../model/stream.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { withGood } from './detect-page.ts'

/**
 * What `raisedRatio` counts.
 *
 * @example
 * ```ts
 * import type { RaisedRatioOptions } from '@messwerk/core'
 *
 * const options: RaisedRatioOptions<'pressure'> = { of: 'pressure', window: { scans: 20 } }
 * options.of // => 'pressure'
 * ```
 */
export interface RaisedRatioOptions<K extends string = 'score'> {
  /** The score or channel whose flag is counted. @defaultValue 'score' */
  readonly of?: K | undefined
  /** Scans with a verdict to count over. */
  readonly window: { readonly scans: number }
}

/**
 * Adds the share of the last scans that were anomalies: `score.ratio`, 0..1.
 *
 * - A scan counts as 1 where the flag is 2 and as 0 otherwise. A scan without a score (or value) has no verdict and is not counted;
 *   it keeps the ratio.
 * - NaN until so many scans have been counted. A declared hole changes nothing.
 *
 * Any cutting into blocks gives the same result.
 *
 * @throws TypeError or RangeError when an option is wrong; at a stream's first block RangeError when it has no such channel or no flag
 * of it
 *
 * @example
 * ```ts
 * import { raisedRatio, threshold } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const block = blockOf({ stream: 's', channels: { p: 'bar' }, rate: 10 }, { p: [5, 7, 7, 5, 5] })
 * const watched = of(block).pipe(threshold({ of: 'p', raise: 6 }), raisedRatio({ of: 'p', window: { scans: 2 } }))
 * column(await lastValueFrom(watched), 'p.ratio') // => Float64Array.of(NaN, 0.5, 1, 0.5, 0)
 * ```
 */
export function raisedRatio<const K extends string = 'score'>(
  options: RaisedRatioOptions<K>
): Operator<K | `${K}.flag`, `${K}.ratio`> {
  const { of = 'score' as K, window } = options
  const scans = (window as RaisedRatioOptions['window'] | undefined)?.scans
  if (typeof of !== 'string' || of === '') throw new TypeError(`raisedRatio: of must name a channel, got ${String(of)}`)
  if (scans === undefined || !Number.isSafeInteger(scans) || scans < 1)
    throw new RangeError(`raisedRatio: window must be such as { scans: 20 }, got ${JSON.stringify(window)}`)
  return operator({
    id: 'raisedRatio',
    needs: [of, `${of}.flag`],
    adds: [`${of}.ratio`],
    onGap: 'hold',
    settings: { of, scans },
    kernel: (stream) => new RaisedRatioKernel(stream, of, scans)
  })
}

interface RaisedRatioState {
  readonly ring: Uint8Array
  readonly counted: number
}

class RaisedRatioKernel implements Kernel {
  readonly output: Stream
  readonly #of: number
  readonly #flag: number
  /** 1 where a scan was raised: the last scans, in order of their number. */
  #ring: Uint8Array
  #counted = 0
  #raised = 0

  constructor(stream: Stream, of: string, scans: number) {
    this.#of = stream.index(of)
    this.#flag = stream.index(`${of}.flag`)
    this.output = extendStream(stream, [{ name: `${of}.ratio`, unit: '1', role: 'score' }], 'raisedRatio')
    this.#ring = new Uint8Array(scans)
  }

  process(block: Block): Block {
    const { length, time, quality, gap, origin } = block
    const values = new Float64Array(block.values.length + length)
    values.set(block.values)
    for (let i = 0; i < length; i += 1) {
      if (!Number.isNaN(values[this.#of * length + i]!)) this.#count(values[this.#flag * length + i] === 2 ? 1 : 0)
      values[block.values.length + i] =
        this.#counted < this.#ring.length ? Number.NaN : this.#raised / this.#ring.length
    }
    return { stream: this.output, length, values, time, quality: withGood(quality, values.length), gap, origin }
  }

  snapshot(): unknown {
    const state: RaisedRatioState = { ring: this.#ring.slice(), counted: this.#counted }
    return state
  }

  restore(state: unknown): void {
    const { ring, counted } = state as RaisedRatioState
    this.#ring = ring.slice()
    this.#counted = counted
    this.#raised = ring.reduce((sum, one) => sum + one, 0)
  }

  #count(raised: 0 | 1): void {
    const at = this.#counted % this.#ring.length
    this.#raised += raised - this.#ring[at]!
    this.#ring[at] = raised
    this.#counted += 1
  }
}
