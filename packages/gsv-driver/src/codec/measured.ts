import { crc16 } from './crc.ts'
import {
  checkLayout,
  dataTypeCode,
  type FrameLayout,
  frameBytes,
  fullScale,
  headerOf,
  type IntegerEncoding,
  OVERLOAD,
  PREFIX,
  SUFFIX
} from './frame-layout.ts'

/**
 * Flags of a measured frame; both concern the frame as a whole.
 *
 * @example
 * ```ts
 * import { FrameFlag } from '@messwerk/gsv-driver/codec'
 *
 * FrameFlag.saturated | FrameFlag.sixAxisError // => 3
 * ```
 */
export const FrameFlag = { saturated: 1, sixAxisError: 2 } as const

/**
 * One measured frame, as a device sends it.
 *
 * @param values - one a value object: physical values for float32, parts of the nominal range (±1.05 at most, what is
 * beyond saturates) for integers; in the high-speed mode scan by scan, the oldest first
 * @param layout - its `objects` must be the number of values
 * @param encoding - of integers
 * @param flags - bits of {@link FrameFlag}
 * @throws RangeError when the number of values is not `layout.objects`, or no frame has this layout
 *
 * @example
 * ```ts
 * import { encodeMeasured } from '@messwerk/gsv-driver/codec'
 *
 * encodeMeasured([1], { objects: 1, dataType: 'float32', crc: false }) // => Uint8Array.of(0xaa, 0x10, 0xb0, 0x3f, 0x80, 0, 0, 0x85)
 * ```
 */
export function encodeMeasured(
  values: ArrayLike<number>,
  layout: FrameLayout,
  encoding: IntegerEncoding = 'offset',
  flags = 0
): Uint8Array {
  const { objects } = layout
  checkLayout(layout, 'encodeMeasured')
  if (values.length !== objects) {
    throw new RangeError(`encodeMeasured: values must be ${objects}, as many as objects, got ${values.length}`)
  }
  const frame = new Uint8Array(frameBytes(layout))
  writeMeasured(new DataView(frame.buffer), frame, 0, values, layout, encoding, flags)
  return frame
}

/** Writes one measured frame at `at`; for the simulator, which fills whole chunks. @internal */
export function writeMeasured(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  values: ArrayLike<number>,
  layout: FrameLayout,
  encoding: IntegerEncoding,
  flags: number
): void {
  const { objects, dataType, crc } = layout
  bytes[at] = PREFIX
  bytes[at + 1] = headerOf(layout)
  bytes[at + 2] = 0x80 | (dataTypeCode(dataType) << 4) | flags
  let end = at + 3
  if (dataType === 'float32') {
    for (let c = 0; c < objects; c += 1, end += 4) view.setFloat32(end, values[c] as number)
  } else {
    for (let c = 0; c < objects; c += 1) end = writeInteger(bytes, end, values[c] as number, layout, encoding)
  }
  if (crc) {
    view.setUint16(end, crc16(bytes, at + 1, end), true)
    end += 2
  }
  bytes[end] = SUFFIX
}

function writeInteger(
  bytes: Uint8Array,
  at: number,
  value: number,
  { dataType }: FrameLayout,
  encoding: IntegerEncoding
): number {
  const full = fullScale(dataType)
  const signed = Math.max(-full, Math.min(full - 1, Math.round((value * full) / OVERLOAD)))
  const raw = encoding === 'offset' ? signed + full : signed
  let end = at
  if (dataType === 'int24') bytes[end++] = (raw >> 16) & 0xff
  bytes[end++] = (raw >> 8) & 0xff
  bytes[end++] = raw & 0xff
  return end
}
