import type { GapRule } from '../kernels/kernel-cell.ts'
import type { Channel } from '../model/channel.ts'
import { Quality } from '../model/quality.ts'
import type { Span } from '../model/span.ts'
import type { Stream } from '../model/stream.ts'
import type { Operator } from '../rx/operator.ts'
import { checkPhases } from './phase-unbalance.ts'
import { windowOperator } from './windows.ts'
import type { WindowFeature } from './windows-kernel.ts'

/**
 * Options of {@link sequenceComponents}.
 *
 * @example
 * ```ts
 * import type { SequenceComponentsOptions } from '@messwerk/core'
 *
 * const options: SequenceComponentsOptions<'Ia' | 'Ib' | 'Ic'> = { phases: ['Ia', 'Ib', 'Ic'], frequency: 60, window: '50ms' }
 * options.frequency // => 60
 * ```
 */
export interface SequenceComponentsOptions<P extends string = string, As extends string = string> extends GapRule {
  /** Waveforms of the three phases, in the order of rotation. */
  readonly phases: readonly [P, P, P]
  /** Of the mains, Hz. */
  readonly frequency: number
  /** A whole number of mains periods, for example `'60ms'` at 50 Hz or `'50ms'` at 60 Hz: others leak. */
  readonly window: Span
  /** @defaultValue `window` */
  readonly hop?: Span | undefined
  /** In front of the names that it adds. @defaultValue 'sequence' */
  readonly as?: As | undefined
}

/**
 * Names that {@link sequenceComponents} adds behind its prefix.
 *
 * @example
 * ```ts
 * import type { SequenceName } from '@messwerk/core'
 *
 * const name: `sequence.${SequenceName}` = 'sequence.ratio.real'
 * name.length // => 19
 * ```
 */
export type SequenceName =
  | `${'positive' | 'negative'}.${'amplitude' | 'angle'}`
  | 'zero.amplitude'
  | `ratio.${'amplitude' | 'angle' | 'real' | 'imaginary'}`

const NAMES: readonly SequenceName[] = [
  'positive.amplitude',
  'positive.angle',
  'negative.amplitude',
  'negative.angle',
  'zero.amplitude',
  'ratio.amplitude',
  'ratio.angle',
  'ratio.real',
  'ratio.imaginary'
]

/**
 * Positive, negative and zero sequence of three phases at the mains frequency, for each window.
 *
 * The phasor of a phase is `I = 2/N * sum of x[n] * exp(-j 2 pi f n / rate)`, with `n` from the first scan of the window:
 * `x = A cos(2 pi f t + phi)` gives amplitude `A` and angle `phi` at that scan. With `a = exp(j 120°)`:
 *
 * - positive `I1 = (Ia + a Ib + a² Ic) / 3`, negative `I2 = (Ia + a² Ib + a Ic) / 3`, zero `I0 = (Ia + Ib + Ic) / 3`
 *
 * Adds `sequence.positive.amplitude`, `sequence.positive.angle`, the same of `negative`, `sequence.zero.amplitude`, and
 * `sequence.ratio.amplitude`, `.angle`, `.real`, `.imaginary` of the complex ratio `I2 / I1`. Amplitudes are peak values in
 * the unit of the phases, angles are in degrees in (-180, 180]. The angle of one component turns from window to window
 * unless the hop is a whole number of mains periods; that of the ratio does not depend on where a window begins. To take
 * a healthy value off, subtract real and imaginary parts, not amplitudes.
 *
 * A window that is not a whole number of mains periods leaks: with an offset or another length the negative sequence of
 * balanced phases is no longer 0. A window with a missing value has no phasor: NaN, quality bad. Nor has a ratio where
 * the positive sequence is 0.
 *
 * @throws TypeError or RangeError when an option is wrong; RangeError at the first block when a phase is unknown, when
 * the stream has no rate, or when the frequency is not below half of it
 *
 * @example
 * ```ts
 * import { sequenceComponents } from '@messwerk/core'
 * import { blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const phase = (shift: number) => Array.from({ length: 50 }, (_, n) => 3 * Math.cos(2 * Math.PI * (0.06 * n - shift)))
 * const motor = { stream: 'motor', channels: { a: 'A', b: 'A', c: 'A' }, rate: 1000 }
 * const block = blockOf(motor, { a: phase(0), b: phase(1 / 3), c: phase(2 / 3) })
 * const sequence = sequenceComponents({ phases: ['a', 'b', 'c'], frequency: 60, window: '50ms' })
 * const out = await lastValueFrom(of(block).pipe(sequence))
 * column(out, 'sequence.positive.amplitude')[0] // => 3.0000…
 * ```
 *
 * Reference: C. L. Fortescue, "Method of symmetrical co-ordinates applied to the solution of polyphase networks",
 * Transactions of the AIEE 37 (1918), doi:10.1109/T-AIEE.1918.4765570
 */
export function sequenceComponents<const P extends string, const As extends string = 'sequence'>(
  options: SequenceComponentsOptions<P, As>
): Operator<P, `${As}.${SequenceName}`, 'replace'> {
  const { phases, frequency, window, hop, onGap, maxGap } = options
  const as = (options.as ?? 'sequence') as As
  checkPhases('sequenceComponents', phases)
  if (!(Number.isFinite(frequency) && frequency > 0)) {
    throw new RangeError(`sequenceComponents: frequency must be that of the mains in Hz, got ${String(frequency)}`)
  }
  return windowOperator<P, `${As}.${SequenceName}`>(
    'sequenceComponents',
    { window, hop, onGap, maxGap },
    {
      needs: phases,
      adds: NAMES.map((name): `${As}.${SequenceName}` => `${as}.${name}`),
      indexes: (stream) => phases.map((phase) => stream.index(phase)),
      feature: (inputs, stream) => components(as, inputs, frequency, rateOf(stream, frequency))
    }
  )
}

function rateOf({ id, rate }: Stream, frequency: number): number {
  if (rate === undefined) throw new RangeError(`sequenceComponents: stream '${id}' has no rate; it needs even spacing`)
  if (2 * frequency < rate) return rate
  throw new RangeError(`sequenceComponents: frequency must be below half the rate of ${rate} Hz, got ${frequency}`)
}

const HALF_ROOT_3 = Math.sqrt(3) / 2
const DEGREES = 180 / Math.PI

function components(as: string, inputs: readonly Channel[], frequency: number, rate: number): WindowFeature {
  const unit = (inputs[0] as Channel).unit
  const other = inputs.find((input) => input.unit !== unit)
  if (other)
    throw new RangeError(
      `sequenceComponents: phases must have one unit; '${other.name}' is in ${other.unit}, not ${unit}`
    )
  const outputs = NAMES.map((name): Channel => ({ name: `${as}.${name}`, unit: unitOf(name, unit), role: 'feature' }))
  const turns = turning(frequency / rate)
  const phasors = new Float64Array(6)
  return {
    outputs,
    compute({ values, starts, length, quality }, out, outQuality) {
      const { cosines, sines } = turns(length)
      for (let k = 0; k < 3; k += 1) {
        let re = 0
        let im = 0
        const from = starts[k] as number
        for (let n = 0; n < length; n += 1) {
          const x = values[from + n] as number
          re += x * (cosines[n] as number)
          im -= x * (sines[n] as number)
        }
        phasors[2 * k] = (2 * re) / length
        phasors[2 * k + 1] = (2 * im) / length
      }
      fillRow(phasors, out)
      const worst = Math.max(quality[0] as number, quality[1] as number, quality[2] as number)
      for (let k = 0; k < out.length; k += 1) outQuality[k] = Number.isNaN(out[k]) ? Quality.bad : worst
    }
  }
}

/** cos and sin of the mains at scan n, for as many scans as a window has had. */
function turning(cycles: number): (length: number) => { cosines: Float64Array; sines: Float64Array } {
  let table = { cosines: new Float64Array(0), sines: new Float64Array(0) }
  return (length) => {
    if (length <= table.cosines.length) return table
    const cosines = Float64Array.from({ length }, (_, n) => Math.cos(2 * Math.PI * ((cycles * n) % 1)))
    const sines = Float64Array.from({ length }, (_, n) => Math.sin(2 * Math.PI * ((cycles * n) % 1)))
    table = { cosines, sines }
    return table
  }
}

/** From the real and imaginary parts of the three phasors to the values in the order of the names. */
function fillRow(phasors: Float64Array, out: Float64Array): void {
  const [ar, ai, br, bi, cr, ci] = phasors as unknown as [number, number, number, number, number, number]
  const meanRe = ar - (br + cr) / 2
  const meanIm = ai - (bi + ci) / 2
  const turnedRe = HALF_ROOT_3 * (bi - ci)
  const turnedIm = HALF_ROOT_3 * (br - cr)
  const [pr, pi] = [(meanRe - turnedRe) / 3, (meanIm + turnedIm) / 3]
  const [nr, ni] = [(meanRe + turnedRe) / 3, (meanIm - turnedIm) / 3]
  const power = pr * pr + pi * pi
  const re = power > 0 ? (nr * pr + ni * pi) / power : Number.NaN
  const im = power > 0 ? (ni * pr - nr * pi) / power : Number.NaN
  out[0] = Math.sqrt(power)
  out[1] = degrees(pr, pi)
  out[2] = Math.sqrt(nr * nr + ni * ni)
  out[3] = degrees(nr, ni)
  out[4] = Math.sqrt((ar + br + cr) * (ar + br + cr) + (ai + bi + ci) * (ai + bi + ci)) / 3
  out[5] = Math.sqrt(re * re + im * im)
  out[6] = degrees(re, im)
  out[7] = re
  out[8] = im
}

/** In (-180, 180]. */
function degrees(re: number, im: number): number {
  const angle = Math.atan2(im, re) * DEGREES
  return angle === -180 ? 180 : angle
}

function unitOf(name: SequenceName, unit: string): string {
  if (name.endsWith('angle')) return 'deg'
  return name.startsWith('ratio') ? '1' : unit
}
