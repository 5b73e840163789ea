import { ANSWER, CR, LF } from './legacy-layout.ts'

/** Most data bytes that an answer of a GSV-4 is believed to have: a damaged length must not swallow what follows. */
const MOST_ANSWERED = 256

/**
 * An answer of a GSV-2 or GSV-3: only the command that was sent says how long it is.
 *
 * @param data - 1 to 8 bytes
 * @throws RangeError when there are none, or more than 8
 *
 * @example
 * ```ts
 * import { encodeLegacyAnswer } from '@messwerk/gsv-driver/codec'
 *
 * encodeLegacyAnswer([0x06, 0xfc, 0xf3]) // => Uint8Array.of(0x3b, 0x06, 0xfc, 0xf3)
 * ```
 */
export function encodeLegacyAnswer(data: ArrayLike<number>): Uint8Array {
  const { length } = data
  if (length < 1 || length > 8) throw new RangeError(`encodeLegacyAnswer: data must be 1 to 8 bytes, got ${length}`)
  const answer = new Uint8Array(1 + length)
  answer[0] = ANSWER
  answer.set(data, 1)
  return answer
}

/**
 * An answer of a GSV-4.
 *
 * @param command - the command that it answers
 * @param data - 0 to 256 bytes
 * @param serial - serial number; its last three digits are sent
 * @throws RangeError when there is more data, or the serial number does not end with three digits
 *
 * @example
 * ```ts
 * import { encodeGsv4Answer } from '@messwerk/gsv-driver/codec'
 *
 * encodeGsv4Answer(0x29, [1], '08449033')
 * // => Uint8Array.of(0x3b, 0x29, 0x01, 0x00, 0x01, 0x30, 0x33, 0x33, 0x01, 0x0d, 0x0a)
 * ```
 */
export function encodeGsv4Answer(command: number, data: ArrayLike<number>, serial: string): Uint8Array {
  const { length } = data
  const digits = serial.slice(-3)
  if (length > MOST_ANSWERED) {
    throw new RangeError(`encodeGsv4Answer: data must be at most ${MOST_ANSWERED} bytes, got ${length}`)
  }
  if (!/^\d{3}$/.test(digits)) {
    throw new RangeError(`encodeGsv4Answer: serial must end with three digits, got '${serial}'`)
  }
  const answer = new Uint8Array(10 + length)
  answer.set([ANSWER, command, 0x01, length >> 8, length & 0xff])
  for (let i = 0; i < 3; i += 1) answer[5 + i] = digits.charCodeAt(i)
  answer.set(data, 8)
  answer.set([CR, LF], 8 + length)
  return answer
}

/**
 * Length of the answer of a GSV-4 that begins at `at`, 0 when more bytes are needed, -1 when none does.
 *
 * @internal
 */
export function gsv4AnswerLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 8) return 0
  const data = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number)
  if (data > MOST_ANSWERED) return -1
  for (let i = at + 5; i < at + 8; i += 1) {
    const digit = bytes[i] as number
    if (digit < 0x30 || digit > 0x39) return -1
  }
  const length = 10 + data
  if (end - at < length) return 0
  return bytes[at + length - 2] === CR && bytes[at + length - 1] === LF ? length : -1
}
