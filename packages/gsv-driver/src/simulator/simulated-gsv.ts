import type { ByteLink, Scheduler } from '@messwerk/core/driver'
import type { Block, Duration } from '@messwerk/core/model'
import type { DataType } from '../codec/index.ts'
import type { Fault, FaultLabel } from './faults.ts'
import type { SentScans } from './sent-log.ts'
import type { SimulatedChannel } from './signal.ts'
import type { WireDisturbance } from './wire-noise.ts'

/**
 * Options of {@link simulateGsv}.
 *
 * @example
 * ```ts
 * import type { SimulateGsvOptions } from '@messwerk/gsv-driver/simulator'
 *
 * const options: SimulateGsvOptions = { rate: 1000, channels: [{ name: 'force', unit: 'kN', offset: 12 }], seed: 7 }
 * options.seed // => 7
 * ```
 */
export interface SimulateGsvOptions {
  /** @defaultValue 'gsv-8' */
  readonly model?: 'gsv-8' | 'gsv-6' | 'gsv-4' | 'gsv-3' | 'gsv-2'
  /**
   * Frames per second, Hz. GSV-8: 1 to 12 000 for float32, 24 000 for int24, 48 000 for int16; GSV-6: 0.6 to 2083, and
   * becomes one that its clock has (1000 becomes 1041.67); GSV-4: 0.625 to 937.5, the nearest of its thirteen; GSV-3 and
   * GSV-2: 0.3 to 1000.
   *
   * @defaultValue 1000; 500 for a GSV-4, 100 for GSV-3 and GSV-2
   */
  readonly rate?: number
  /**
   * One to eight; GSV-6 up to six, GSV-4 up to four, GSV-3 and GSV-2 one.
   *
   * @defaultValue the components of a force/torque sensor under a steady load, as many as fit
   */
  readonly channels?: readonly SimulatedChannel[]
  /** GSV-8 and GSV-6, which has no int24. @defaultValue 'float32' */
  readonly dataType?: DataType
  /** Of the noise: equal seeds make equal scans. @defaultValue 1 */
  readonly seed?: number
  /** Serial number. @defaultValue 1234567, as a device that was never given one */
  readonly serial?: number
  /** Of a GSV-8 or GSV-6: commands that need a newer one are refused. @defaultValue '1.56', '3.49' */
  readonly firmware?: string
  /**
   * Channel, from 1, that carries the number of the scan, so that loss can be counted from outside. It counts modulo
   * 2^24, in 16 bits modulo 2^16; on GSV-8 and GSV-6 its user scale and offset make that number of integers too.
   *
   * @defaultValue none
   */
  readonly counterChannel?: number
  /**
   * Whether scans are numbered on while the transmission is stopped or nobody is connected, as the converter of a device
   * goes on; else they are numbered while they are transmitted. @defaultValue whether there is a `counterChannel`
   */
  readonly freeRunning?: boolean
  /**
   * Whether it transmits before a host starts it, as a device that was just switched on; else one frame is sent and the
   * rest waits for StartTransmission. @defaultValue false
   */
  readonly streaming?: boolean
  /** How much faster the clock of the device is than it says, parts per million; at real speed. @defaultValue 0 */
  readonly crystal?: number
  /**
   * Blocks whose values take the place of the generators, scan by scan, their channels in order; the last scan stays
   * once they end. Read as they are needed. Missing values read 0.
   */
  readonly blocks?: Iterable<Block>
  /** Bytes that may wait for a host that does not read; beyond it frames are lost. @defaultValue 1048576 */
  readonly mostWaiting?: number
  /** @defaultValue the system's */
  readonly scheduler?: Scheduler
}

/**
 * How a link inside the process delivers.
 *
 * @example
 * ```ts
 * import type { SimulatedLinkOptions } from '@messwerk/gsv-driver/simulator'
 *
 * const options: SimulatedLinkOptions = { speed: 'max', duration: '1h' }
 * options.speed // => 'max'
 * ```
 */
export interface SimulatedLinkOptions {
  /** `real`: at the rate of the device; `max`: as fast as it is read, with the times of the device. @defaultValue 'real' */
  readonly speed?: 'real' | 'max'
  /** Time of the device after which the link ends; with `max` only. @defaultValue it does not end */
  readonly duration?: Duration
}

/**
 * A simulated amplifier, see {@link simulateGsv}.
 *
 * @example
 * ```ts
 * import { simulateGsv, type SimulatedGsv } from '@messwerk/gsv-driver/simulator'
 *
 * const amplifier: SimulatedGsv = simulateGsv()
 * amplifier.sent // => 0
 * ```
 */
export interface SimulatedGsv {
  /** Scans measured since a host first started the transmission; those that were lost on the wire count. */
  readonly sent: number
  /** Of these, the ones that were never written to the wire though the transmission was on. */
  readonly lost: number
  /** Of these, the ones that were measured while the transmission was off; with `freeRunning` only. */
  readonly silent: number
  /** The truth about the injected faults. */
  readonly labels: readonly FaultLabel[]
  /** What became of every scan, in order: for judges, never for a driver. */
  readonly log: readonly SentScans[]
  /** Lets a channel show a fault. @throws RangeError when there is no such channel, or the scans lie in the past */
  inject(fault: Fault): void
  /** Measures `count` scans from `at` on (default: the next) and does not write them: what a broken wire does. */
  loseFrames(range: { readonly at?: number; readonly count: number }): void
  /** Damages `count` frames from `at` on (default: the next). */
  corruptFrames(range: { readonly at?: number; readonly count: number }): void
  /** Makes the line bad from now on; without options it is good again. @throws RangeError when an option is wrong */
  disturb(disturbance: WireDisturbance): void
  /**
   * Nothing gets through in either direction for so long; the device holds 64 KiB of frames and loses what is more.
   *
   * @param ms - more than 0, at most an hour
   */
  stall(ms: number): void
  /** Pulls the cable out: hosts are sent away and none is let in. The device measures on, and what it measures is lost. */
  unplug(): Promise<void>
  /** Puts the cable in again. */
  plug(): Promise<void>
  /**
   * When a scan was measured or will be, ms on `Scheduler.elapsed`: for judges. Of scans since the last start of counting
   * or change of the rate, and at real speed.
   */
  timeOf(scan: number): number
  /** Switches the device off and on: what is volatile is forgotten. A host that is there sees it silent for 700 ms. */
  powerCycle(): void
  /** Lets another interface have the write access, or gives it back. GSV-8 and GSV-6. */
  occupy(occupied: boolean): void
  /**
   * Sets the level of a digital input; a function that it triggers is carried out (tare, largest and smallest values).
   *
   * @throws RangeError when there is no such line
   */
  setLine(line: number, level: 0 | 1): void
  /**
   * Serves the device over TCP, to one host at a time; returns its `tcp://` URL.
   *
   * @throws InUseError when another program has the port
   */
  listen(options?: { readonly host?: string; readonly port?: number }): Promise<string>
  /**
   * Serves the device on a pseudo terminal, as the serial port of a USB device, while this process runs; returns
   * `serial:` and the path. Needs the program `socat` (Linux, macOS). The port is there anew a moment after a host has
   * closed it, and is gone while the cable is pulled out.
   *
   * @throws NotConnectedError when there is no socat, or it cannot make the port; InUseError when the path is taken
   */
  openPty(options: { readonly path: string }): Promise<string>
  /** A link to the device inside this process. */
  link(options?: SimulatedLinkOptions): ByteLink
  /** Stops serving; the host sees its connection end. */
  close(): Promise<void>
}
