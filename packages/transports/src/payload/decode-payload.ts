import { Buffer } from 'node:buffer'
import { DecodeError } from '@messwerk/core/model'
import type { Payload } from './payload.ts'
import { ScanBuffer } from './scan-buffer.ts'

/**
 * The scans of one payload as objects: to try out a payload's description without a broker.
 *
 * @param topic - for decoders that look at it
 * @throws DecodeError that names the rule which the payload breaks
 *
 * @example
 * ```ts
 * import { decodePayload, json } from '@messwerk/transports/mqtt'
 *
 * decodePayload(json({ channels: { t: 'Cel' } }), '{"t":21.5,"status":"ok"}') // => [{ t: 21.5 }]
 * ```
 */
export function decodePayload<C extends string>(
  payload: Payload<C>,
  bytes: Uint8Array | string,
  topic = 'topic'
): (Record<C, number> & { time?: Date })[] {
  const names = Object.keys(payload.channels) as C[]
  const scans = new ScanBuffer(names.length)
  const rule = payload.decode(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, topic, scans)
  if (rule !== undefined) throw new DecodeError(topic, rule)
  return Array.from({ length: scans.length }, (_, i) => {
    const ms = (scans.ms[i] as number) + (scans.ns[i] as number) / 1e6
    const time = Number.isNaN(ms) ? {} : { time: new Date(ms) }
    const values = Object.fromEntries(names.map((name, c) => [name, scans.values[i * names.length + c]]))
    return { ...time, ...values } as Record<C, number> & { time?: Date }
  })
}
