import { Noise } from './noise.ts'

/**
 * What a simulated channel measures: `offset + amplitude * sin(2 pi frequency t) + noise`.
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

/** Makes scans one after the other; equal seeds make equal scans. @internal */
export class Signal {
  readonly #offset: Float64Array
  readonly #deviation: Float64Array
  readonly #sines: readonly { readonly column: number; readonly amplitude: number; readonly turn: number }[]
  readonly #noise: Noise

  constructor(channels: readonly SimulatedChannel[], rate: number, seed: number) {
    this.#offset = Float64Array.from(channels, ({ offset }) => offset ?? 0)
    this.#deviation = Float64Array.from(channels, ({ noise, scale }) => noise ?? (scale ?? 1000) / 1000)
    this.#sines = channels.flatMap(({ sine }, column) =>
      sine ? [{ column, amplitude: sine.amplitude, turn: (2 * Math.PI * sine.frequency) / rate }] : []
    )
    this.#noise = new Noise(seed)
  }

  /** Moves the zero of a channel so that its steady value becomes 0; -1 = all channels. */
  setZero(column: number): void {
    if (column < 0) this.#offset.fill(0)
    else this.#offset[column] = 0
  }

  fill(values: Float64Array, scan: number): void {
    for (let c = 0; c < values.length; c += 1) {
      values[c] = (this.#offset[c] as number) + (this.#deviation[c] as number) * this.#noise.next()
    }
    for (const { column, amplitude, turn } of this.#sines) {
      values[column] = (values[column] as number) + amplitude * Math.sin(turn * scan)
    }
  }
}
