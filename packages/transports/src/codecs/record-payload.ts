import { Buffer } from 'node:buffer'
import { type JsonOptions, planRecords } from '../payload/json-payload.ts'
import { addAll, addOne } from '../payload/json-shape.ts'
import type { Payload } from '../payload/payload.ts'
import type { Decoding } from './decoding.ts'

/**
 * A payload whose bytes become a record, or a list of records, and these become scans as those of JSON do.
 *
 * @param what - the function that was called, for errors
 * @internal
 */
export function recordPayload<C extends string>(options: JsonOptions<C>, what: string, decoding: Decoding): Payload<C> {
  const { shapes, ...facts } = planRecords(options, what)
  return {
    channels: facts.channels,
    hasTime: facts.hasTime,
    uncertainty: facts.uncertainty,
    hasSequence: facts.hasSequence,
    prepare: (bytes) => decoding.prepare(bytes),
    decode: (bytes, _topic, into) => {
      let value: unknown
      try {
        value = decoding.decode(bytes)
      } catch (error) {
        return (error as Error).message
      }
      into.held = Array.isArray(value) ? value.length : 1
      return Array.isArray(value) ? addAll(shapes, value, into) : addOne(shapes, value, into)
    }
  }
}

/** @throws TypeError that names the option @internal */
export function checkOneOf(options: object, names: readonly string[], what: string): void {
  const given = names.filter((name) => (options as Readonly<Record<string, unknown>>)[name] !== undefined)
  if (given.length === 1) return
  throw new TypeError(
    `${what}: needs one of ${names.join(', ')}, got ${given.length === 0 ? 'none' : given.join(', ')}`
  )
}

/** Bytes as the libraries want them, without a copy. @internal */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
