import { changeSettings, type GsvChange } from './change-settings.ts'
import type { GsvSession } from './gsv-session.ts'
import type { GsvSettingValue } from './settings/setting.ts'

/**
 * A digital filter of a channel. Coefficients are calculated by the host: the device only applies them.
 *
 * @example
 * ```ts
 * import type { GsvFilter } from '@messwerk/gsv-driver'
 *
 * const filter: Partial<GsvFilter> = { type: 0x04, cutOff: [0, 50] }
 * filter.cutOff // => [0, 50]
 * ```
 */
export interface GsvFilter {
  /** Type byte, see `bitLayouts.filterType`. */
  readonly type: number
  /** IIR: A0 to A4, B0 to B3; FIR: the first half up to the middle, 8 numbers. */
  readonly coefficients: readonly number[]
  /** Lower and upper frequency, Hz: for information only. */
  readonly cutOff: readonly [lower: number, upper: number]
  readonly on: boolean
}

/**
 * Filters of a device.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv().link() })
 * await gsv.filters.setDigital(1, 'iir', { coefficients: [0.25, 0.5, 0.25, 0, 0, 0, 0, 0, 0], on: true })
 * const { on, coefficients } = await gsv.filters.digital(1, 'iir')
 * on // => true
 * coefficients[1] // => 0.5
 * await gsv.filters.setAnalog('automatic') // => []
 * await gsv.close()
 * ```
 */
export interface GsvFilters {
  /** Cut-off frequency of the analog filter, Hz, and whether it follows the data rate; GSV-8. */
  analog(): Promise<{ readonly frequency: number; readonly automatic: boolean }>
  /** The device takes the nearest frequency that it has. */
  setAnalog(frequency: number | 'automatic'): Promise<GsvChange[]>
  /** The digital filter of a channel: whether it is on, its order and its coefficients. */
  digital(channel: number, kind: 'iir' | 'fir'): Promise<GsvFilter>
  /** Writes what is given and differs, stores it, and switches the filter on last, or off first. */
  setDigital(channel: number, kind: 'iir' | 'fir', filter: Partial<GsvFilter>): Promise<GsvChange[]>
}

/** Bit of the mode of a GSV-8. */
const AUTOMATIC = 2
const IIR_LENGTH = 9
const FIR_LENGTH = 8

/** @internal */
export function filtersOf(session: GsvSession): GsvFilters {
  const change = (values: Readonly<Record<string, GsvSettingValue>>): Promise<GsvChange[]> =>
    changeSettings(session, values, false)
  const bitOf = (channel: number, kind: string): number => 1 << (channel - 1 + (kind === 'fir' ? 8 : 0))
  return {
    async analog() {
      const { frequency } = await session.command('ReadAnalogueFilter')
      const { flags } = await session.command('GetMode')
      return { frequency, automatic: (flags & AUTOMATIC) !== 0 }
    },
    async setAnalog(frequency) {
      const { flags } = await session.command('GetMode')
      if (frequency === 'automatic') return change({ mode: (flags | AUTOMATIC) >>> 0 })
      return change({ mode: (flags & ~AUTOMATIC) >>> 0, analogFilter: frequency })
    },
    digital: (channel, kind) => readFilter(session, channel, kind, bitOf(channel, kind)),
    async setDigital(channel, kind, { type, coefficients, cutOff, on }) {
      const { flags } = await session.command('GetDfiltOnOff')
      const bit = bitOf(channel, kind)
      const values: Record<string, GsvSettingValue> = {}
      if (type !== undefined) values[`channels.${channel}.${kind}.type`] = type
      if (coefficients) {
        checkLength(coefficients, kind)
        values[`channels.${channel}.${kind}.coefficients`] = coefficients
      }
      if (cutOff) values[`channels.${channel}.cutOff`] = cutOff
      const off = on === false ? await change({ filtersOn: (flags & ~bit) >>> 0 }) : []
      const changes = await change(values)
      const after = on === true ? await change({ filtersOn: (flags | bit) >>> 0 }) : []
      return [...off, ...changes, ...after]
    }
  }
}

function checkLength(coefficients: readonly number[], kind: 'iir' | 'fir'): void {
  const length = kind === 'iir' ? IIR_LENGTH : FIR_LENGTH
  if (coefficients.length === length) return
  throw new RangeError(`setDigital: coefficients must be ${length} numbers for ${kind}, got ${coefficients.length}`)
}

async function readFilter(session: GsvSession, channel: number, kind: 'iir' | 'fir', bit: number): Promise<GsvFilter> {
  const { filter } = await session.command('GetDigiFiltType', { channel, kind: kind === 'iir' ? 0 : 0x80 })
  const indices = kind === 'iir' ? [0, 1, 2, 3, 4, 16, 17, 18, 19] : [128, 129, 130, 131, 132, 133, 134, 135]
  const coefficients: number[] = []
  for (const index of indices) {
    coefficients.push((await session.command('ReadDigiFiltCoeff', { channel, index })).coefficient)
  }
  const lower = (await session.command('ReadDigiFiltCutOff', { channel, index: 0 })).frequency
  const upper = (await session.command('ReadDigiFiltCutOff', { channel, index: 1 })).frequency
  const { flags } = await session.command('GetDfiltOnOff')
  return { type: filter, coefficients, cutOff: [lower, upper], on: (flags & bit) !== 0 }
}
