import { rawOf } from '../scaling.ts'
import { CR, type LegacyLayout, LF, legacyFrame } from './legacy-layout.ts'
import { encodeText } from './text-frame.ts'

/**
 * One measured frame of an older amplifier.
 *
 * @param values - one (GSV-2, GSV-3) or four (GSV-4), as parts of the nominal range; what is beyond the limits saturates.
 * In a text frame the number that is shown
 * @param layout - which model sends it, and how
 * @param flags - bits of `LegacyFlag`, in a long frame of a GSV-2
 * @param unit - behind the number of a text frame
 * @throws RangeError when the number of values is wrong, the layout is none, or a number does not fit a text frame
 *
 * @example
 * ```ts
 * import { encodeLegacyMeasured } from '@messwerk/gsv-driver/codec'
 *
 * encodeLegacyMeasured([0.525], { model: 'gsv-3' }) // => Uint8Array.of(0xa5, 0xc0, 0x00)
 * encodeLegacyMeasured([0.525], { model: 'gsv-2' }, 0x10) // => Uint8Array.of(0x2c, 0x10, 0xc0, 0x00, 0x00)
 * new TextDecoder().decode(encodeLegacyMeasured([1.5], { model: 'gsv-2', frames: 'text' }, 0, 'kN')) // => '+1.50000 kN\r\n'
 * ```
 */
export function encodeLegacyMeasured(
  values: ArrayLike<number>,
  layout: LegacyLayout,
  flags = 0,
  unit = 'mV/V'
): Uint8Array {
  const { mark, stride, objects, head, scaling } = legacyFrame(layout, 'encodeLegacyMeasured')
  if (values.length !== objects) {
    throw new RangeError(`encodeLegacyMeasured: values must be ${objects} for a ${layout.model}, got ${values.length}`)
  }
  if (stride === 0) return encodeText(values[0] as number, unit)
  const frame = new Uint8Array(stride)
  frame[0] = mark
  if (head === 2) frame[1] = flags
  let end = head
  for (let c = 0; c < objects; c += 1) {
    const raw = rawOf(values[c] as number, scaling)
    if (scaling.bits === 24) frame[end++] = raw >> 16
    frame[end++] = raw >> 8
    frame[end++] = raw
  }
  if (end < stride) frame.set([CR, LF], end)
  return frame
}
