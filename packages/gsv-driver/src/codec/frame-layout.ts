/**
 * How values are coded in measured frames. GSV-8: all three; GSV-6: int16 and float32.
 *
 * @example
 * ```ts
 * import type { DataType } from '@messwerk/gsv-driver/codec'
 *
 * const type: DataType = 'float32'
 * type // => 'float32'
 * ```
 */
export type DataType = 'int16' | 'int24' | 'float32'

/**
 * How integers are coded: `offset` has its zero in the middle (0x8000, GSV-8), `signed` is two's complement (GSV-6).
 *
 * @example
 * ```ts
 * import type { IntegerEncoding } from '@messwerk/gsv-driver/codec'
 *
 * const encoding: IntegerEncoding = 'offset'
 * encoding // => 'offset'
 * ```
 */
export type IntegerEncoding = 'offset' | 'signed'

/**
 * What all measured frames of a running transmission have in common.
 *
 * @example
 * ```ts
 * import { frameBytes, type FrameLayout } from '@messwerk/gsv-driver/codec'
 *
 * const layout: FrameLayout = { objects: 8, dataType: 'float32', crc: false }
 * frameBytes(layout) // => 36
 * ```
 */
export interface FrameLayout {
  /** Values in a frame, 1 to 16. */
  readonly objects: number
  readonly dataType: DataType
  /** Whether frames carry a CRC-16. */
  readonly crc: boolean
  /**
   * Channels of a scan in the high-speed mode, where a frame holds several scans: a divisor of `objects`, at most eight
   * scans. Absent: all objects are one scan.
   */
  readonly channels?: number
}

/** First byte of every frame. @internal */
export const PREFIX = 0xaa
/** Last byte of every frame. @internal */
export const SUFFIX = 0x85

/** Data types by their code on the wire. @internal */
export const DATA_TYPES: readonly (DataType | undefined)[] = [undefined, 'int16', 'int24', 'float32']

/** Code of a data type on the wire: 1, 2 or 3; one less than its bytes. @internal */
export function dataTypeCode(type: DataType): number {
  return type === 'int16' ? 1 : type === 'int24' ? 2 : 3
}

/**
 * Length of a measured frame in bytes.
 *
 * @example
 * ```ts
 * import { frameBytes } from '@messwerk/gsv-driver/codec'
 *
 * frameBytes({ objects: 6, dataType: 'int16', crc: true }) // => 18
 * ```
 */
export function frameBytes({ objects, dataType, crc }: FrameLayout): number {
  return 4 + objects * (dataTypeCode(dataType) + 1) + (crc ? 2 : 0)
}

/** Most scans that a frame of the high-speed mode holds. */
const MOST_SCANS = 8

/** Header of measured frames of a layout. @internal */
export function headerOf({ objects, crc }: FrameLayout): number {
  return (crc ? 0x30 : 0x10) + objects - 1
}

/** Scans in a frame, or 0 where that many channels cannot share it. @internal */
export function scansPerFrame(objects: number, channels: number): number {
  const scans = objects / channels
  return Number.isInteger(scans) && scans <= MOST_SCANS ? scans : 0
}

/** @throws RangeError when no frame has this layout @internal */
export function checkLayout({ objects, channels = objects }: FrameLayout, caller: string): void {
  if (!(Number.isInteger(objects) && objects >= 1 && objects <= 16)) {
    throw new RangeError(`${caller}: objects must be a whole number from 1 to 16, got ${objects}`)
  }
  if (!(Number.isInteger(channels) && channels >= 1 && scansPerFrame(objects, channels) > 0)) {
    throw new RangeError(
      `${caller}: channels must divide the ${objects} objects into at most ${MOST_SCANS} scans, got ${channels}`
    )
  }
}

/** Overload limit: integers span ±1.05 of the nominal range. @internal */
export const OVERLOAD = 1.05

/** Raw steps from zero to the overload limit. @internal */
export function fullScale(type: DataType): number {
  return type === 'int16' ? 0x8000 : 0x800000
}
