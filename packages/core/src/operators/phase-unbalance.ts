import type { GapRule } from '../kernels/kernel-cell.ts'
import type { Channel } from '../model/channel.ts'
import { Quality } from '../model/quality.ts'
import type { Span } from '../model/span.ts'
import type { Stream } from '../model/stream.ts'
import { type Operator, operator } from '../rx/operator.ts'
import { deriveColumn } from './derive-columns.ts'
import { measureRms } from './rms.ts'
import { windowOperator } from './windows.ts'
import type { WindowFeature } from './windows-kernel.ts'

/**
 * How unequal three phases are, in % of their mean: the sum of all deviations, or the largest.
 *
 * @example
 * ```ts
 * import type { UnbalanceDefinition } from '@messwerk/core'
 *
 * const definition: UnbalanceDefinition = 'max-deviation'
 * definition // => 'max-deviation'
 * ```
 */
export type UnbalanceDefinition = 'mean-deviation-sum' | 'max-deviation'

/**
 * Options of {@link phaseUnbalance}.
 *
 * @example
 * ```ts
 * import type { PhaseUnbalanceOptions } from '@messwerk/core'
 *
 * const options: PhaseUnbalanceOptions<'a' | 'b' | 'c'> = { phases: ['a', 'b', 'c'], definition: 'max-deviation' }
 * options.phases.length // => 3
 * ```
 */
export interface PhaseUnbalanceOptions<P extends string = string, As extends string = string> extends GapRule {
  /** Amplitudes or RMS values of the three phases; with `window`, their waveforms. */
  readonly phases: readonly [P, P, P]
  readonly definition: UnbalanceDefinition
  /** Name of the channel it adds. @defaultValue 'unbalance' */
  readonly as?: As | undefined
  /** Takes the RMS of each phase over this window first. */
  readonly window?: Span | undefined
  /** @defaultValue `window` */
  readonly hop?: Span | undefined
}

/**
 * Unbalance of three phases in %, from RMS values or amplitudes `I1..I3` with mean `M`:
 *
 * - `'mean-deviation-sum'`: `100 * (|I1 - M| + |I2 - M| + |I3 - M|) / M`
 * - `'max-deviation'`: `100 * max(|I1 - M|, |I2 - M|, |I3 - M|) / M`
 *
 * Without `window` it adds a channel to the scans as they are, for example behind {@link rms}. With `window` its input
 * are waveforms: it takes the RMS of each phase and emits one scan a window. Where the mean is zero there is no answer:
 * NaN with quality bad, never 0.
 *
 * @throws TypeError or RangeError when an option is wrong; at the first block when a phase is unknown
 *
 * @example
 * ```ts
 * import { phaseUnbalance } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const motor = { stream: 'motor', channels: { a: 'A', b: 'A', c: 'A' }, rate: 10 }
 * const block = blockOf(motor, { a: [10, 0], b: [10, 0], c: [13, 0] })
 * const unbalance = phaseUnbalance({ phases: ['a', 'b', 'c'], definition: 'max-deviation' })
 * column(await lastValueFrom(of(block).pipe(unbalance)), 'unbalance') // => Float64Array.of((100 * 2) / 11, NaN)
 * ```
 *
 * Reference: NEMA MG 1-2021, 14.36.2 (maximum deviation from the average, there of voltages).
 */
export function phaseUnbalance<const P extends string, const As extends string = 'unbalance'>(
  options: PhaseUnbalanceOptions<P, As> & { readonly window: Span }
): Operator<P, As, 'replace'>
export function phaseUnbalance<const P extends string, const As extends string = 'unbalance'>(
  options: PhaseUnbalanceOptions<P, As> & { readonly window?: undefined }
): Operator<P, As>
export function phaseUnbalance<P extends string, As extends string>(
  options: PhaseUnbalanceOptions<P, As>
): Operator<P, As, 'replace'> | Operator<P, As> {
  const { phases, definition, window } = options
  const as = (options.as ?? 'unbalance') as As
  checkPhases('phaseUnbalance', phases)
  const unbalance = unbalanceBy(definition)
  const channel: Channel = { name: as, unit: '%', role: 'feature' }
  if (window !== undefined) {
    const { hop, onGap, maxGap } = options
    return windowOperator<P, As>(
      'phaseUnbalance',
      { window, hop, onGap, maxGap },
      {
        needs: phases,
        adds: [as],
        indexes: (stream) => phases.map((phase) => stream.index(phase)),
        feature: () => ofWindow(channel, unbalance)
      }
    )
  }
  if (options.hop !== undefined) throw new TypeError("phaseUnbalance: hop needs 'window', which is missing")
  const kernel = (stream: Stream) => deriveColumn('phaseUnbalance', stream, phases, channel, unbalance)
  return operator<P, As>({ id: 'phaseUnbalance', needs: phases, adds: [as], onGap: 'hold', kernel })
}

/** @internal */
export function checkPhases(id: string, phases: readonly string[]): void {
  if (!Array.isArray(phases) || phases.length !== 3 || new Set(phases).size !== 3) {
    throw new TypeError(`${id}: phases must be the names of three different channels, got ${JSON.stringify(phases)}`)
  }
}

type Unbalance = (a: number, b: number, c: number) => number

function unbalanceBy(definition: UnbalanceDefinition): Unbalance {
  if (definition === 'mean-deviation-sum') {
    return (a, b, c) => {
      const mean = (a + b + c) / 3
      return mean === 0 ? Number.NaN : (100 * (Math.abs(a - mean) + Math.abs(b - mean) + Math.abs(c - mean))) / mean
    }
  }
  if (definition === 'max-deviation') {
    return (a, b, c) => {
      const mean = (a + b + c) / 3
      const largest = Math.max(Math.abs(a - mean), Math.abs(b - mean), Math.abs(c - mean))
      return mean === 0 ? Number.NaN : (100 * largest) / mean
    }
  }
  throw new RangeError(
    `phaseUnbalance: definition must be 'mean-deviation-sum' or 'max-deviation', got '${String(definition)}'`
  )
}

function ofWindow(channel: Channel, unbalance: Unbalance): WindowFeature {
  const level = new Float64Array(3)
  return {
    outputs: [channel],
    compute({ values, starts, length, quality }, out, outQuality) {
      let worst = 0
      for (let k = 0; k < 3; k += 1) {
        const from = starts[k] as number
        const used = measureRms(values, from, from + length, level, k)
        const here = used === length ? (quality[k] as number) : used === 0 ? Quality.missing : Quality.uncertain
        worst = Math.max(worst, here)
      }
      const result = unbalance(level[0] as number, level[1] as number, level[2] as number)
      out[0] = result
      outQuality[0] = Number.isNaN(result) ? Math.max(worst, Quality.bad) : worst
    }
  }
}
