import { ProtocolError, TimeoutError } from '@messwerk/core/model'

/** What a session has seen of its device so far. @internal */
export interface Seen {
  readonly url: string
  readonly bytes: number
  readonly answers: number
  readonly scans: number
  /** When the answer came after all, ms. */
  readonly lateMs: number | undefined
}

/**
 * A missing answer, with what was seen in its place and what to try. Bytes that make no frame are another device or a
 * wrong baud rate, not silence.
 *
 * @internal
 */
export function withReason(error: TimeoutError, seen: Seen): TimeoutError | ProtocolError {
  const { url, bytes, answers, scans } = seen
  if (bytes > 0 && answers === 0 && scans === 0) {
    return new ProtocolError(
      `${url} sent ${bytes} bytes in ${error.what.split(' from ')[0]}, but none of them are frames of a GSV-8 or GSV-6; is the baud rate wrong (a GSV-8 has 115200, a GSV-6 230400 by default), is it another device, or a GSV-2, GSV-3 or GSV-4, which speak other protocols?`,
      { cause: error }
    )
  }
  const explained = new TimeoutError(error.what, error.timeoutMs, { cause: error.cause })
  explained.message += adviceFor(seen)
  return explained
}

function adviceFor({ bytes, answers, scans, lateMs }: Seen): string {
  if (lateMs !== undefined) return `: it came after ${lateMs} ms; give a longer timeout`
  if (bytes === 0) return ': nothing arrived at all; check power, cable, port, and that TX and RX are not swapped'
  if (answers === 0 && scans > 0) {
    return ': measured frames arrive, but no answers; check the line towards the device'
  }
  return ': it answered before; check the line, and whether the device was switched off'
}
