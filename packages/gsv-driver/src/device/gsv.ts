import type { CommandName, InputType, RequestOf, ResponseOf } from '../commands/index.ts'
import type { GsvChange } from './change-settings.ts'
import type { GsvConfig } from './config.ts'
import type { GsvFilters } from './filters.ts'
import type { GsvLines } from './lines.ts'
import type { GsvDevice } from './probe.ts'
import type { GsvSettingValue } from './settings/setting.ts'
import type { GsvSixAxis } from './six-axis.ts'
import type { GsvTedsProperty } from './teds.ts'

/**
 * What a sensor's data sheet says, and what its channel is to show.
 *
 * @example
 * ```ts
 * import type { GsvSensor } from '@messwerk/gsv-driver'
 *
 * const loadCell: GsvSensor = { fullScale: 10, unit: 'kN', sensitivity: 0.594013 }
 * loadCell.unit // => 'kN'
 * ```
 */
export interface GsvSensor {
  /** Quantity at full scale, in `unit`. */
  readonly fullScale: number
  /** Output at full scale, in the unit of the input: mV/V of a bridge. */
  readonly sensitivity: number
  /** UCUM code. @defaultValue the channel keeps its unit */
  readonly unit?: string
}

/**
 * An opened amplifier, see `openGsv`.
 *
 * - One request is in flight at a time, others wait in order; each has the timeout of the session. After one that was
 *   not answered the transmission is stopped, what comes late is thrown away, and the transmission goes on if it was on.
 * - Settings that the device keeps are read first, and written only where they differ. Setters return what they
 *   changed, with what the device made of it where that is something else.
 * - A GSV-6 takes some settings over at its next start only; it is restarted for them, which takes 0.7 s.
 * - Every method rejects with GsvError when the device refuses, TimeoutError when it does not answer, ProtocolError when
 *   the answer cannot be one, NotConnectedError when the link is gone; wrong values are RangeErrors or TypeErrors.
 *
 * @example
 * ```ts
 * import { openGsv, type Gsv } from '@messwerk/gsv-driver'
 * import { simulateGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const gsv: Gsv = await openGsv({ link: simulateGsv().link() })
 * await gsv.scaleToSensor(1, { fullScale: 10, unit: 'kN', sensitivity: 0.594013 })
 * gsv.device.channels[0]?.scale // => 58.9213…
 * gsv.device.channels[0]?.unit // => 'kN'
 * await gsv.zero(1)
 * await gsv.close()
 * ```
 */
export interface Gsv {
  readonly url: string
  /** What the device said of itself, at the opening or after the last change of a setting. */
  readonly device: GsvDevice
  /** Sends any command of the table by its name; those of the manufacturer are refused with a RangeError. */
  command<N extends CommandName>(name: N, values?: RequestOf<N>): Promise<ResponseOf<N>>
  /** Asks the device anew what it is. */
  refresh(): Promise<GsvDevice>

  /** Sets what is there now to zero: one channel, or all. Kept by the device. */
  zero(channel?: number): Promise<void>
  /** Physical values of one measured frame; only while the transmission is off. */
  value(): Promise<readonly number[]>
  /** Largest and smallest value since they were cleared. */
  maxMin(channel: number): Promise<{ readonly max: number; readonly min: number }>
  /** Forgets largest and smallest values of one channel, or of all. */
  clearMaxMin(channel?: number): Promise<void>

  /** Frames per second, Hz. @returns the rate that the device made of it */
  setRate(rate: number): Promise<number>
  /** Of the values in measured frames. Lower rates may be needed for wider ones. */
  setDataType(type: 'int16' | 'int24' | 'float32'): Promise<GsvChange[]>
  /** Values in a measured frame. */
  setObjects(objects: number): Promise<GsvChange[]>
  /** Physical value = part of the nominal range * scale + offset. */
  setUserScale(channel: number, scale: number): Promise<GsvChange[]>
  /** In the unit of the channel. */
  setUserOffset(channel: number, offset: number): Promise<GsvChange[]>
  /** User scale, and unit if given, from what the data sheet of the sensor says and the range of the input. */
  scaleToSensor(channel: number, sensor: GsvSensor): Promise<GsvChange[]>
  /**
   * The unit that is shown and streamed; it scales nothing.
   *
   * @param unit - UCUM code; one that the device does not know becomes a text of at most 8 characters in slot 0
   */
  setUnit(channel: number, unit: string): Promise<GsvChange[]>
  /** What is connected, and the nominal range of the input. */
  inputType(channel: number): Promise<Required<InputType>>
  /** By code, see `inputTypes`; GSV-8. The device resets zero and user scale of the channel. */
  setInputType(channel: number, type: number): Promise<GsvChange[]>

  readonly filters: GsvFilters
  readonly sixAxis: GsvSixAxis
  readonly lines: GsvLines
  /** The TEDS memory of a sensor. @param template - 0 basic, 25, 33, 35 */
  teds(channel: number, template?: number): Promise<readonly GsvTedsProperty[]>
  /** Flags, gate time in data periods and start value of a counter; undefined where there is none. */
  counter(number: number): Promise<{ flags: number; gate: number; start: number } | undefined>
  /** Writes what differs. May change the number of values in a frame. */
  setCounter(number: number, counter: { flags: number; gate?: number; start?: number }): Promise<GsvChange[]>

  /** All settings, as one document. */
  exportConfig(): Promise<GsvConfig>
  /**
   * Writes the settings of a document that differ; with `dryRun` it only says which. Nothing is written where one needs
   * the id of the user and it was not given.
   */
  applyConfig(config: GsvConfig, options?: { readonly dryRun?: boolean }): Promise<GsvChange[]>
  /** The same for some settings, by their names in the document. */
  change(
    settings: Readonly<Record<string, GsvSettingValue>>,
    options?: { readonly dryRun?: boolean }
  ): Promise<GsvChange[]>
  /** Loads a stored set: 0 the last one, 1 that of the manufacturer, GSV-8: 2 to 7 of the user. */
  loadConfig(set: number): Promise<void>
  /** Stores the settings as a set: GSV-8 2 to 7; GSV-6 0, to keep what was loaded. */
  storeConfig(set: number): Promise<void>
  /** Restarts a GSV-6. */
  reset(): Promise<void>

  /**
   * Gives the id of the user, for commands that need it; after three wrong ones a device refuses the right one too,
   * until it is switched off. It is in no log and no error.
   */
  unlock(id: string): Promise<void>
  /** Locks all writing, or lifts the lock; lifting needs the id of the user. */
  setLocked(locked: boolean): Promise<void>
  /** Lets other interfaces of a GSV-8 write; also done by `close` where something was written. */
  releaseWriteAccess(): Promise<void>
  /** Stops the transmission and ends the session; the settings stay. */
  close(): Promise<void>
}
