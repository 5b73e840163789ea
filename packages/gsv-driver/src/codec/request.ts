import { crc8 } from './crc.ts'
import { PREFIX, SUFFIX } from './frame-layout.ts'

/**
 * A request frame, host to device.
 *
 * @param command - command code, 0 to 255
 * @param parameters - 0 to 15 bytes
 * @param crc - whether to append a CRC-8; the response then has one too
 * @throws RangeError when the command is no byte, or there are more than 15 parameter bytes
 *
 * @example
 * ```ts
 * import { encodeRequestFrame } from '@messwerk/gsv-driver/codec'
 *
 * encodeRequestFrame(0x23) // => Uint8Array.of(0xaa, 0x90, 0x23, 0x85)
 * ```
 */
export function encodeRequestFrame(command: number, parameters: ArrayLike<number> = [], crc = false): Uint8Array {
  const length = parameters.length
  if (!(Number.isInteger(command) && command >= 0 && command <= 0xff)) {
    throw new RangeError(`encodeRequestFrame: command must be a byte, got ${command}`)
  }
  if (length > 15) throw new RangeError(`encodeRequestFrame: parameters must be at most 15 bytes, got ${length}`)
  return framed((crc ? 0xb0 : 0x90) + length, command, parameters, crc)
}

/**
 * A response frame, device to host. 15 bytes of data and more make a long response, which has no status.
 *
 * @param status - status code, 0 = done
 * @param data - 0 to 270 bytes
 * @param crc - whether the request had a CRC-8
 * @throws RangeError when there are more than 270 data bytes, or data goes with a status that is no success
 *
 * @example
 * ```ts
 * import { encodeResponseFrame } from '@messwerk/gsv-driver/codec'
 *
 * encodeResponseFrame(0, [0x00, 0x03]) // => Uint8Array.of(0xaa, 0x52, 0x00, 0x00, 0x03, 0x85)
 * ```
 */
export function encodeResponseFrame(status: number, data: ArrayLike<number> = [], crc = false): Uint8Array {
  const length = data.length
  if (length > 270) throw new RangeError(`encodeResponseFrame: data must be at most 270 bytes, got ${length}`)
  if (length > 0 && status !== 0 && status !== 1) {
    throw new RangeError(`encodeResponseFrame: a response with data must have status 0 or 1, got ${status}`)
  }
  const header = crc ? 0x70 : 0x50
  return length < 15 ? framed(header + length, status, data, crc) : framed(header + 15, length - 15, data, crc)
}

function framed(header: number, second: number, data: ArrayLike<number>, crc: boolean): Uint8Array {
  const frame = new Uint8Array(4 + data.length + (crc ? 1 : 0))
  frame[0] = PREFIX
  frame[1] = header
  frame[2] = second
  frame.set(data, 3)
  if (crc) frame[3 + data.length] = crc8(frame, 1, 3 + data.length)
  frame[frame.length - 1] = SUFFIX
  return frame
}
