import type { LegacyModel } from '../../codec/index.ts'
import type { Gsv4Input, LegacyCommandName, LegacyRequestOf, LegacyResponseOf } from '../../commands/index.ts'
import type { GsvChange } from '../change-settings.ts'
import type { LegacyGsvDevice } from './legacy-probe.ts'

/**
 * An opened GSV-2, GSV-3 or GSV-4, see `openGsv` with `model`.
 *
 * - These devices acknowledge nothing: setters ask first, write only what differs, and ask again. A device that did not take a setting
 *   is a DeviceError.
 * - They cannot be asked while they transmit: answers would be mistaken for measured values. What needs an answer then is an InUseError.
 * - After a question that was not answered in time the transmission is stopped, and what comes late is thrown away.
 * - Every method rejects with TimeoutError when the device does not answer, ProtocolError when the answer cannot be one,
 *   NotConnectedError when the link is gone; wrong values are RangeErrors.
 *
 * @example
 * ```ts
 * import { type LegacyGsv, openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const channels = [{ unit: 'kN', scale: 50, offset: 20, noise: 0 }]
 * const gsv: LegacyGsv<'gsv-2'> = await openGsv({ link: simulateGsv({ model: 'gsv-2', channels }).link(), model: 'gsv-2' })
 * gsv.device.channels[0]?.unit // => 'kN'
 * await gsv.value() // => [20.0000…]
 * await gsv.settings.setScale(20) // => [{ setting: 'scale', from: 50, to: 20 }]
 * await gsv.close()
 * ```
 */
export interface LegacyGsv<M extends LegacyModel = LegacyModel> {
  readonly url: string
  /** What the device said of itself, at the opening or after the last change of a setting. */
  readonly device: LegacyGsvDevice<M>
  /**
   * Sends any command of the model by its name, as it is: nothing is compared, unlocked or asked again. Commands whose parameters or answer
   * nobody knows are refused with a RangeError.
   */
  command<N extends LegacyCommandName<M>>(name: N, values?: LegacyRequestOf<M, N>): Promise<LegacyResponseOf<M, N>>
  /** Asks the device anew what it is. */
  refresh(): Promise<LegacyGsvDevice<M>>
  /** Sets what is there now to zero: one channel, or all. */
  zero(channel?: number): Promise<void>
  /** Physical values of one scan. A GSV-2 or GSV-3 is started and stopped for it. */
  value(): Promise<readonly number[]>
  /** Frames per second, Hz. @returns the rate that the device made of it */
  setRate(rate: number): Promise<number>
  /** Settings that this model has. */
  readonly settings: LegacySettings[M]
  /** Stops the transmission and ends the session; the settings stay. */
  close(): Promise<void>
}

/**
 * Upper and lower threshold, as parts of the range, -1 to 1.
 *
 * @example
 * ```ts
 * import type { LegacyThresholds } from '@messwerk/gsv-driver'
 *
 * const thresholds: LegacyThresholds = { upper: 0.4, lower: -0.4 }
 * thresholds.upper // => 0.4
 * ```
 */
export interface LegacyThresholds {
  readonly upper: number
  readonly lower: number
}

/**
 * Settings of a GSV-3.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv({ model: 'gsv-3' }).link(), model: 'gsv-3' })
 * await gsv.settings.setThresholds({ upper: 0.5, lower: 0.25 })
 * await gsv.settings.thresholds() // => { upper: 0.5, lower: 0.25 }
 * await gsv.close()
 * ```
 */
export interface Gsv3Settings {
  /** Both limits of the threshold output, as stored. */
  thresholds(): Promise<LegacyThresholds>
  /** The device cuts them to whole steps of 1/32768. */
  setThresholds(thresholds: LegacyThresholds): Promise<GsvChange[]>
  /** Loads a stored set of settings. */
  loadSet(set: number): Promise<void>
  /** Stores the settings as a set. */
  saveSet(set: number): Promise<void>
}

/**
 * Settings of a GSV-2.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv({ model: 'gsv-2' }).link(), model: 'gsv-2' })
 * await gsv.settings.setUnit('kN')
 * await gsv.settings.setFrames('short')
 * gsv.device.layout.frames // => 'short'
 * await gsv.close()
 * ```
 */
export interface Gsv2Settings extends Gsv3Settings {
  /** The unit that is shown; it scales nothing. @param unit - UCUM code that the device has a code for */
  setUnit(unit: string): Promise<GsvChange[]>
  /** Physical value at the nominal range. @param scale - 0.2 to 1.58 times a power of ten, from 0.2 to 1.58e6 */
  setScale(scale: number): Promise<GsvChange[]>
  /** `long`: 24 bits and thresholds, `short`: 16 bits, `text`: lines to read, up to 100 a second. */
  setFrames(frames: 'long' | 'short' | 'text'): Promise<GsvChange[]>
  /** Cannot be read: it is written always, and taken as set. */
  setPolarity(polarity: 'bipolar' | 'unipolar'): Promise<void>
}

/**
 * Settings of a GSV-4.
 *
 * @example
 * ```ts
 * import { openGsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv = await openGsv({ link: simulateGsv({ model: 'gsv-4' }).link(), model: 'gsv-4' })
 * await gsv.settings.setInput(2, 2) // => [{ setting: 'channels.2.input', from: 1, to: 2 }]
 * gsv.device.channels[1]?.unit // => 'V'
 * await gsv.close()
 * ```
 */
export interface Gsv4Settings {
  /** What is connected, by channel; undefined for a code that is not known. */
  inputs(): Promise<readonly (Gsv4Input | undefined)[]>
  /** By code, see `gsv4Inputs`. The device is unlocked for it, and locked again. */
  setInput(channel: number, type: number): Promise<GsvChange[]>
}

/**
 * Settings by model.
 *
 * @example
 * ```ts
 * import type { LegacySettings } from '@messwerk/gsv-driver'
 *
 * const change = (settings: LegacySettings['gsv-4']): Promise<unknown> => settings.setInput(1, 2)
 * typeof change // => 'function'
 * ```
 */
export interface LegacySettings {
  readonly 'gsv-2': Gsv2Settings
  readonly 'gsv-3': Gsv3Settings
  readonly 'gsv-4': Gsv4Settings
}
