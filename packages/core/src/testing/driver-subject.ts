import type { Source } from '../model/source.ts'
import type { Skips } from './suite.ts'

/**
 * What a device does with what a driver writes.
 *
 * @example
 * ```ts
 * import type { DriverDevice } from '@messwerk/core/testing'
 *
 * let on = false
 * const device: DriverDevice = {
 *   get transmits() { return on },
 *   take(bytes) { on = bytes[0] === 0x47; return Uint8Array.of(0x06) },
 * }
 * device.take(Uint8Array.of(0x47))
 * device.transmits // => true
 * ```
 */
export interface DriverDevice {
  /** Whether it sends scans now. */
  readonly transmits: boolean
  /** Takes what was written; returns its answer, if it has one. */
  take(bytes: Uint8Array): Uint8Array | undefined
}

/**
 * The link that the suite gives a driver; a `ByteLink` of `@messwerk/core/driver`.
 *
 * @example
 * ```ts
 * import type { ByteLink } from '@messwerk/core/driver'
 * import type { DriverLink } from '@messwerk/core/testing'
 *
 * const urlOf = (link: ByteLink): string => link.url
 * const link: DriverLink = { url: 'suite:', start() {}, async write() {}, async close() {} }
 * urlOf(link) // => 'suite:'
 * ```
 */
export interface DriverLink {
  readonly url: string
  /** Begins delivery, with the time of arrival in ms on the clock of `Scheduler.elapsed`. */
  start(receiver: { data(bytes: Uint8Array, at: number): void; closed(error?: Error): void }): void
  /** What the driver sends. */
  write(bytes: Uint8Array): Promise<void>
  /** The driver lets go of it. */
  close(): Promise<void>
}

/**
 * A driver to be checked, and its device.
 *
 * @example
 * ```ts
 * import type { DriverSubject } from '@messwerk/core/testing'
 *
 * const device: Omit<DriverSubject, 'open'> = {
 *   rate: 100,
 *   channels: { mass: 'kg' },
 *   values: (scan) => [scan % 200],
 *   frame: (scan) => Uint8Array.of(0x7e, scan % 200),
 *   skip: { V5: 'frames have no checksum' },
 * }
 * device.frame(3)[1] // => 3
 * ```
 */
export interface DriverSubject {
  /** A fresh source over links of the suite; a link is opened for each reading. */
  open(link: () => DriverLink): Source
  /** Scans per second that the device sends, Hz. */
  readonly rate: number
  /** Name and unit (UCUM) of its channels. */
  readonly channels: Readonly<Record<string, string>>
  /** What the device measures: the values of scan number `scan`, exactly as the driver is to deliver them. */
  values(scan: number): readonly number[]
  /** The bytes in which it sends that scan. */
  frame(scan: number): Uint8Array
  /** A fresh device. @defaultValue it sends as soon as the link is there, and is never asked anything */
  device?(): DriverDevice
  /** Whether a reading needs to write this. @defaultValue nothing is written */
  mayWrite?(bytes: Uint8Array): boolean
  /** Bytes that are no part of a frame. @defaultValue seven zeros */
  readonly garbage?: Uint8Array
  /** A frame with an error that its checksum shows. Without it V5 is skipped. */
  damage?(frame: Uint8Array): Uint8Array
  /** Most scans that the driver, opened like this, holds for a reader that does not come. Without it V11 is skipped. */
  readonly bufferScans?: number
  /** Most that an end or an error may take, ms. @defaultValue 5000 */
  readonly timeoutMs?: number
  readonly skip?: Skips
}
