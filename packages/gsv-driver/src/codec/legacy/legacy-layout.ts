import { type Scaling, scalings } from '../scaling.ts'

/**
 * Amplifiers with the older protocols: one channel (GSV-2, GSV-3) or four (GSV-4).
 *
 * @example
 * ```ts
 * import type { LegacyModel } from '@messwerk/gsv-driver/codec'
 *
 * const model: LegacyModel = 'gsv-4'
 * model // => 'gsv-4'
 * ```
 */
export type LegacyModel = 'gsv-2' | 'gsv-3' | 'gsv-4'

/**
 * How an older amplifier sends its values.
 *
 * @example
 * ```ts
 * import { encodeLegacyMeasured, type LegacyLayout } from '@messwerk/gsv-driver/codec'
 *
 * const layout: LegacyLayout = { model: 'gsv-2', frames: 'short' }
 * encodeLegacyMeasured([0], layout) // => Uint8Array.of(0xa5, 0x80, 0x00)
 * ```
 */
export interface LegacyLayout {
  readonly model: LegacyModel
  /**
   * Of a GSV-2 only: `long` has a status and 24 bits, `short` 16 bits, `text` is a line to read. @defaultValue 'long'
   */
  readonly frames?: 'long' | 'short' | 'text'
  /** Of a GSV-2 only. @defaultValue 'bipolar' */
  readonly polarity?: 'bipolar' | 'unipolar'
}

/**
 * Bits of the status in a long frame of a GSV-2; in a `ScanBuffer`'s flags beside `FrameFlag`.
 *
 * @example
 * ```ts
 * import { LegacyFlag } from '@messwerk/gsv-driver/codec'
 *
 * LegacyFlag.threshold1 | LegacyFlag.threshold2 // => 0x18
 * ```
 */
export const LegacyFlag = { threshold1: 0x10, threshold2: 0x08 } as const

/** First byte of the frames with 16 bits. */
const MARK = 0xa5
/** First byte of a GSV-2's long frame. */
const LONG_MARK = 0x2c
/** First byte of an answer. @internal */
export const ANSWER = 0x3b
/** @internal */
export const CR = 0x0d
/** @internal */
export const LF = 0x0a

/** What parser and encoder need of a layout; a text frame has no stride. @internal */
export interface LegacyFrame {
  readonly mark: number
  readonly stride: number
  readonly objects: number
  /** Bytes before the first value. */
  readonly head: number
  readonly scaling: Scaling
  /** Whether CR LF ends the frame. */
  readonly lines: boolean
}

/** @throws RangeError when there is no such model, kind of frame or polarity @internal */
export function legacyFrame(layout: LegacyLayout, caller: string): LegacyFrame {
  const { model, frames = 'long', polarity = 'bipolar' } = layout
  if (model === 'gsv-3') return { mark: MARK, stride: 3, objects: 1, head: 1, scaling: scalings['gsv-3'], lines: false }
  if (model === 'gsv-4') return { mark: MARK, stride: 11, objects: 4, head: 1, scaling: scalings['gsv-4'], lines: true }
  if (model !== 'gsv-2') throw new RangeError(`${caller}: model must be 'gsv-2', 'gsv-3' or 'gsv-4', got '${model}'`)
  if (polarity !== 'bipolar' && polarity !== 'unipolar') {
    throw new RangeError(`${caller}: polarity must be 'bipolar' or 'unipolar', got '${polarity}'`)
  }
  if (frames === 'short') {
    return { mark: MARK, stride: 3, objects: 1, head: 1, scaling: scalings[`gsv-2 ${polarity} 16`], lines: false }
  }
  if (frames !== 'long' && frames !== 'text') {
    throw new RangeError(`${caller}: frames must be 'long', 'short' or 'text', got '${frames}'`)
  }
  const stride = frames === 'text' ? 0 : 5
  return {
    mark: LONG_MARK,
    stride,
    objects: 1,
    head: 2,
    scaling: scalings[`gsv-2 ${polarity} 24`],
    lines: stride === 0
  }
}
