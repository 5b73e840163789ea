import { Noise } from './noise.ts'
import type { PlayedBlocks } from './played-blocks.ts'

/**
 * What a simulated channel measures: `offset + amplitude * sin(2 pi frequency t) + noise`, with other waves of amplitude
 * and frequency instead of the sine where `shape` says so, and `of(scan)` added where it is given.
 *
 * @example
 * ```ts
 * import type { SimulatedChannel } from '@messwerk/gsv-driver/simulator'
 *
 * const channel: SimulatedChannel = { name: 'force_z', unit: 'N', offset: 250, noise: 0.8, sine: { amplitude: 5, frequency: 2 } }
 * channel.unit // => 'N'
 * ```
 */
export interface SimulatedChannel {
  /** For faults and labels; a device knows no names. @defaultValue `channel_1` and so on */
  readonly name?: string
  /** UCUM code; one that has no code in the device becomes a text of the user. @defaultValue 'mV/V' */
  readonly unit?: string
  /** @defaultValue 0 */
  readonly offset?: number
  /** Standard deviation. @defaultValue 0.1 % of `scale` */
  readonly noise?: number
  readonly sine?: { readonly amplitude: number; readonly frequency: number }
  /** Of the wave that `sine` describes. @defaultValue 'sine' */
  readonly shape?: 'sine' | 'square' | 'triangle' | 'sawtooth'
  /** Any other signal: its value in a scan, from the number of the scan. It is added. */
  readonly of?: (scan: number) => number
  /** Physical value at the nominal range; what is beyond 1.05 of it saturates. @defaultValue 1000 */
  readonly scale?: number
}

/** The six components of a force/torque sensor under a steady load. @internal */
export const SIX_COMPONENTS: readonly SimulatedChannel[] = [
  { name: 'force_x', unit: 'N', offset: 20, noise: 0.5, sine: { amplitude: 2, frequency: 1.5 }, scale: 1000 },
  { name: 'force_y', unit: 'N', offset: -35, noise: 0.5, sine: { amplitude: 2, frequency: 2.5 }, scale: 1000 },
  { name: 'force_z', unit: 'N', offset: 250, noise: 1, sine: { amplitude: 5, frequency: 1.5 }, scale: 2000 },
  { name: 'torque_x', unit: 'N.m', offset: 1.2, noise: 0.02, scale: 50 },
  { name: 'torque_y', unit: 'N.m', offset: -0.4, noise: 0.02, scale: 50 },
  { name: 'torque_z', unit: 'N.m', offset: 3, noise: 0.03, sine: { amplitude: 0.1, frequency: 1.5 }, scale: 50 }
]

interface Wave {
  readonly column: number
  readonly amplitude: number
  readonly frequency: number
  readonly shape: NonNullable<SimulatedChannel['shape']>
}

/** Makes scans one after the other; equal seeds make equal scans. @internal */
export class Signal {
  readonly #offset: Float64Array
  readonly #deviation: Float64Array
  readonly #waves: readonly Wave[]
  readonly #others: readonly { readonly column: number; readonly of: (scan: number) => number }[]
  readonly #noise: Noise
  readonly #played: PlayedBlocks | undefined
  readonly #rate: number

  /** @param played - blocks whose values take the place of the generators */
  constructor(channels: readonly SimulatedChannel[], rate: number, seed: number, played?: PlayedBlocks) {
    this.#rate = rate
    this.#played = played
    this.#offset = Float64Array.from(channels, ({ offset }) => offset ?? 0)
    this.#deviation = Float64Array.from(channels, ({ noise, scale }) => noise ?? (scale ?? 1000) / 1000)
    this.#waves = channels.flatMap(({ sine, shape = 'sine' }, column) =>
      sine ? [{ column, amplitude: sine.amplitude, frequency: sine.frequency, shape }] : []
    )
    this.#others = channels.flatMap(({ of }, column) => (of ? [{ column, of }] : []))
    this.#noise = new Noise(seed)
  }

  /** Steady value of a channel, 0 where there is no sensor. */
  steady(column: number): number {
    return this.#offset[column] ?? 0
  }

  /** Fills the values of a scan; inputs without a sensor read 0. */
  fill(values: Float64Array, scan: number): void {
    const count = this.#offset.length
    if (this.#played) return this.#played.fill(values, count)
    for (let c = 0; c < count; c += 1) {
      values[c] = (this.#offset[c] as number) + (this.#deviation[c] as number) * this.#noise.next()
    }
    for (let c = count; c < values.length; c += 1) values[c] = 0
    for (const { column, amplitude, frequency, shape } of this.#waves) {
      const turn = (2 * Math.PI * frequency) / this.#rate
      const part = shape === 'sine' ? Math.sin(turn * scan) : wave(shape, (frequency * scan) / this.#rate)
      values[column] = (values[column] as number) + amplitude * part
    }
    for (const { column, of } of this.#others) values[column] = (values[column] as number) + of(scan)
  }
}

/** From -1 to 1, beginning at 0 or with the high half. */
function wave(shape: Wave['shape'], turns: number): number {
  const phase = turns - Math.floor(turns)
  if (shape === 'square') return phase < 0.5 ? 1 : -1
  if (shape === 'sawtooth') return 2 * phase - 1
  return phase < 0.25 ? 4 * phase : phase < 0.75 ? 2 - 4 * phase : 4 * phase - 4
}
