import { type Duration, durationMs } from '../model/span.ts'
import { type Mode, type Operator, operator } from '../rx/operator.ts'
import { WhenKernel } from './when-kernel.ts'

/**
 * Options of {@link when}.
 *
 * @example
 * ```ts
 * import type { WhenOptions } from '@messwerk/core'
 *
 * const options: WhenOptions = { settle: '5s' }
 * options.settle // => '5s'
 * ```
 */
export interface WhenOptions {
  /** How long the flag must be on before scans count, in event time. @defaultValue 0 */
  readonly settle?: Duration | undefined
}

/**
 * Runs an operator only while a flag is on, for example a detector while the machine is running.
 *
 * The flag is on where its value is a number above 0. While it is off, and while it settles, the inner operator gets
 * nothing: nothing is learned, nothing is scored. What it learned stays; its windows start anew, because to the inner
 * operator the time in between is a declared hole (cause `shed`). At the start of a stream the flag has just come on.
 *
 * - Inner operator that extends: every scan stays; where the flag was off the added channels are NaN with quality
 *   missing, and channels that it changes in place ({@link scale}) pass unchanged.
 * - Inner operator that replaces: nothing comes out for the time off; the hole is declared.
 *
 * @param flag - name of the channel
 * @throws TypeError or RangeError when an argument is wrong; RangeError at the first block when the flag is unknown
 *
 * @example
 * ```ts
 * import { mean, when } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const pump = { stream: 'pump', channels: { on: '1', flow: 'L/s' }, rate: 10 }
 * const block = blockOf(pump, { on: [0, 0, 1, 1, 1, 1], flow: [0, 0, 4, 6, 5, 5] })
 * const running = when('on', mean({ window: '200ms', channels: ['flow'] }))
 * column(await lastValueFrom(of(block).pipe(running)), 'flow.mean') // => Float64Array.of(5, 5)
 * ```
 */
export function when<const F extends string, N extends string, A extends string, M extends Mode>(
  flag: F,
  inner: Operator<N, A, M>,
  options: WhenOptions = {}
): Operator<F | N, A, M> {
  if (typeof flag !== 'string' || flag === '')
    throw new TypeError(`when: flag must be the name of a channel, got ${flag}`)
  if (typeof inner !== 'function' || typeof inner.kernel !== 'function') {
    throw new TypeError('when: needs an operator, for example when("running", rms({ window: "100ms" }))')
  }
  if (inner.concurrency !== undefined) {
    throw new TypeError(`when: '${inner.id}' is asynchronous; only synchronous operators can be switched`)
  }
  if (inner.joining !== undefined) throw new TypeError(`when: '${inner.id}' joins streams; put it into pipe by itself`)
  const { settle } = options
  const settleNs = settle === undefined ? 0 : durationMs(settle, 'when: settle') * 1e6
  return operator<F | N, A, M>({
    id: `when ${flag}: ${inner.id}`,
    needs: [flag, ...inner.needs],
    adds: inner.adds,
    mode: inner.mode,
    onGap: 'hold',
    version: inner.version,
    settings: { settle, inner: inner.settings },
    kernel: (stream) => new WhenKernel(flag, inner as Operator, stream, settleNs)
  })
}
