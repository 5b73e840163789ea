import { type Block, timeNs, timeOf } from '../model/block.ts'
import type { Drift, DriftSpec, DriftTest } from '../model/drift.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { EventKernel } from '../model/kernel.ts'
import type { Snapshot } from '../model/snapshot.ts'
import type { Stream } from '../model/stream.ts'
import { type EventOperator, eventOperator } from '../rx/event-operator.ts'

/**
 * What `drift` watches.
 *
 * @example
 * ```ts
 * import type { DriftOptions } from '@messwerk/core'
 *
 * const options: DriftOptions<'pressure'> = { of: 'pressure' }
 * options.of // => 'pressure'
 * ```
 */
export interface DriftOptions<K extends string = 'score'> {
  /** The channel or score that is watched. @defaultValue 'score' */
  readonly of?: K | undefined
}

/**
 * Watches a channel or a score with a drift test, and sends an event of kind `drift` where it has changed for good. Nothing is
 * retrained: that is up to whoever receives it (`run.relearn`).
 *
 * - An event is sent once, at the scan that shows the drift, with phase `end` and `end` = `start`. `score` and `limit` are those of the
 *   test, `data` is `{ test, before, after?, p? }`: its kind, the means before and after, and the probability.
 * - Scans without a value are left out. A declared hole changes nothing: what was normal before it is normal behind it.
 *
 * Any cutting into blocks gives the same events, and equal data gives equal ids.
 *
 * @throws TypeError when the test or `of` is wrong; at a stream's first block RangeError when it has no such channel
 *
 * @example
 * ```ts
 * import { drift } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { adwin } from '@messwerk/detectors'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const pressure = Array.from({ length: 400 }, (_, i) => (i < 200 ? i % 2 : 4 + (i % 2)))
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure })
 * const event = await lastValueFrom(of(block).pipe(drift(adwin(), { of: 'pressure' })))
 * event.id // => 'pump-1/pressure.drift/22300000000'
 * event.data // => { test: 'adwin', before: 0.5, after: 4.5 }
 * ```
 */
export function drift<const K extends string = 'score'>(
  spec: DriftSpec,
  options: DriftOptions<K> = {}
): EventOperator<K> {
  const { of = 'score' as K } = options
  if (typeof (spec as DriftSpec | undefined)?.create !== 'function')
    throw new TypeError(`drift: needs a drift test such as adwin(), got ${String(spec)}`)
  if (typeof of !== 'string' || of === '') throw new TypeError(`drift: of must name a channel, got ${String(of)}`)
  return eventOperator({
    id: 'drift',
    needs: [of],
    settings: { of, kind: spec.kind },
    kernel: (stream) => new DriftKernel(stream, of, spec)
  })
}

const NONE: readonly MeasurementEvent[] = []

class DriftKernel implements EventKernel {
  readonly #stream: Stream
  readonly #of: string
  readonly #at: number
  readonly #spec: DriftSpec
  #test: DriftTest

  constructor(stream: Stream, of: string, spec: DriftSpec) {
    this.#stream = stream
    this.#of = of
    this.#at = stream.index(of)
    this.#spec = spec
    this.#test = spec.create()
  }

  process(block: Block): readonly MeasurementEvent[] {
    const { length, values } = block
    let events = NONE
    for (let i = 0; i < length; i += 1) {
      const found = this.#test.update(values[this.#at * length + i]!)
      if (found !== undefined) events = [...events, this.#event(found, block, i)]
    }
    return events
  }

  snapshot(): unknown {
    return this.#test.snapshot()
  }

  restore(state: unknown): void {
    this.#test = this.#spec.restore(state as Snapshot)
  }

  #event({ statistic, limit, before, after, p }: Drift, block: Block, scan: number): MeasurementEvent {
    const start = timeOf(block, scan)
    const { split, position, positions } = block.origin
    return {
      id: `${this.#stream.id}/${this.#of}.drift/${timeNs(block, scan)}`,
      kind: 'drift',
      phase: 'end',
      stream: this.#stream.id,
      rule: this.#of,
      start,
      end: start,
      score: statistic,
      limit,
      origin: { split, position: positions?.[scan] ?? position },
      // eslint-disable-next-line no-restricted-syntax -- once a drift
      data: { test: this.#spec.kind, before, ...(after !== undefined && { after }), ...(p !== undefined && { p }) }
    }
  }
}
