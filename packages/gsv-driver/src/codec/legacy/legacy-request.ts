import { ChunkWindow } from '../chunk-window.ts'

/** Most parameter bytes of a command of the older amplifiers. */
const MOST_PARAMETERS = 255

/**
 * A command of the older protocols: its code and its parameters, with nothing around them and no acknowledgement.
 *
 * @param command - 0 to 255
 * @param parameters - as many bytes as the command has
 * @throws RangeError when the command is no byte, or there are more than 255 parameter bytes
 *
 * @example
 * ```ts
 * import { encodeLegacyRequest } from '@messwerk/gsv-driver/codec'
 *
 * // 100 Hz for a GSV-3
 * encodeLegacyRequest(0x8a, [0x06, 0xfc, 0xf3]) // => Uint8Array.of(0x8a, 0x06, 0xfc, 0xf3)
 * ```
 */
export function encodeLegacyRequest(command: number, parameters: ArrayLike<number> = []): Uint8Array {
  const { length } = parameters
  if (!(Number.isInteger(command) && command >= 0 && command <= 0xff)) {
    throw new RangeError(`encodeLegacyRequest: command must be a byte, got ${command}`)
  }
  if (length > MOST_PARAMETERS) {
    throw new RangeError(`encodeLegacyRequest: parameters must be at most ${MOST_PARAMETERS} bytes, got ${length}`)
  }
  const request = new Uint8Array(1 + length)
  request[0] = command
  request.set(parameters, 1)
  return request
}

/**
 * The device's side of an older protocol: takes bytes in any cutting and finds commands in them. How many parameter
 * bytes follow a command is known from its code alone.
 *
 * @example
 * ```ts
 * import { LegacyRequestParser } from '@messwerk/gsv-driver/codec'
 *
 * const seen: unknown[] = []
 * const parser = new LegacyRequestParser(
 *   (command) => ({ 0x23: 0, 0x8a: 3 })[command],
 *   (command, parameters) => void seen.push([command, [...parameters]])
 * )
 * parser.push(Uint8Array.of(0x23, 0xff, 0x8a, 0x06, 0xfc))
 * parser.push(Uint8Array.of(0xf3))
 * seen // => [[0x23, []], [0x8a, [0x06, 0xfc, 0xf3]]]
 * parser.skippedBytes // => 1
 * ```
 */
export class LegacyRequestParser {
  /** Bytes that were no known command. */
  skippedBytes = 0
  readonly #parametersOf: (command: number) => number | undefined
  readonly #request: (command: number, parameters: Uint8Array) => void
  readonly #window = new ChunkWindow(1024)

  /**
   * @param parametersOf - number of parameter bytes of a command, at most 255, undefined when it is unknown
   * @param request - told each command; `parameters` is only valid during the call
   */
  constructor(
    parametersOf: (command: number) => number | undefined,
    request: (command: number, parameters: Uint8Array) => void
  ) {
    this.#parametersOf = parametersOf
    this.#request = request
  }

  /** Bytes that wait for the rest of their command. */
  get pending(): number {
    return this.#window.pending
  }

  /** Takes the next bytes; they are not kept. */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += 512) {
      this.#window.append(chunk, at, Math.min(at + 512, chunk.length))
      this.#parse()
    }
  }

  /** Forgets what waits: a command whose parameters do not come. */
  reset(): void {
    this.skippedBytes += this.#window.pending
    this.#window.clear()
  }

  #parse(): void {
    const window = this.#window
    while (window.pending > 0) {
      const { bytes, from } = window
      const command = bytes[from] as number
      const parameters = this.#parametersOf(command)
      if (parameters === undefined) this.skippedBytes += 1
      else if (window.pending <= parameters) return
      else this.#request(command, bytes.subarray(from + 1, from + 1 + parameters))
      window.consume(from + 1 + (parameters ?? 0))
    }
  }
}
