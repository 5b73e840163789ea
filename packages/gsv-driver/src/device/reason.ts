import { ProtocolError, TimeoutError } from '@messwerk/core/model'
import type { LegacyModel } from '../codec/index.ts'
import { likenessOf } from './likeness.ts'

/** What a session has seen of its device so far. @internal */
export interface Seen {
  readonly url: string
  /** Model that was said to be there; without it a GSV-8 or GSV-6 is expected. */
  readonly model?: LegacyModel
  readonly bytes: number
  readonly answers: number
  readonly scans: number
  /** The first bytes that arrived. */
  readonly heard: Uint8Array
  /** When the answer came after all, ms. */
  readonly lateMs: number | undefined
}

const OTHERS = 'a GSV-2, GSV-3 or GSV-4 speaks another protocol: give model'
const WITHOUT = 'a GSV-8 or GSV-6 is opened without model'

/**
 * A missing answer, with what was seen in its place and what to try. Bytes that make no frame are another device or a
 * wrong baud rate, not silence.
 *
 * @internal
 */
export function withReason(error: TimeoutError, seen: Seen): TimeoutError | ProtocolError {
  const { url, model, bytes, answers, scans, heard } = seen
  if (bytes > 0 && answers === 0 && scans === 0) {
    const expected = model ? `a ${model.toUpperCase()}` : 'a GSV-8 or GSV-6'
    const what = error.what.split(' from ')[0]
    const likeness = likenessOf(heard)
    const why = likeness ? `they look like those of ${likeness}` : baudAdvice(model)
    return new ProtocolError(
      `${url} sent ${bytes} bytes in ${what}, but none of them are frames of ${expected}; ${why}; ${model ? WITHOUT : OTHERS}`,
      { cause: error }
    )
  }
  const explained = new TimeoutError(error.what, error.timeoutMs, { cause: error.cause })
  explained.message += adviceFor(seen)
  return explained
}

function baudAdvice(model: LegacyModel | undefined): string {
  if (!model) return 'is the baud rate wrong (a GSV-8 has 115200, a GSV-6 230400 by default), or is it another device?'
  const rate = model === 'gsv-4' ? 115_200 : 38_400
  return `is the baud rate wrong (a ${model.toUpperCase()} has ${rate} by default), or is it another device or model?`
}

function adviceFor({ model, bytes, answers, scans, lateMs }: Seen): string {
  if (lateMs !== undefined) return `: it came after ${lateMs} ms; give a longer timeout`
  if (bytes === 0) {
    const other = model ? `whether it is a ${model.toUpperCase()}` : OTHERS
    return `: nothing arrived at all; check power, cable, port, and that TX and RX are not swapped${model ? `, and ${other}` : `; ${other}`}`
  }
  if (answers === 0 && scans > 0) {
    return ': measured frames arrive, but no answers; check the line towards the device'
  }
  const other = model ? `, and whether it is a ${model.toUpperCase()}` : ''
  return `: it answered before; check the line, and whether the device was switched off${other}`
}
