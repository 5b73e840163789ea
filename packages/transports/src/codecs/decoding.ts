import { isSdkError, ProtocolError } from '@messwerk/core/model'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'
import { openEnvelope, schemaIdOf } from './wire-format.ts'

/** Reads the bytes of one schema: throws an Error that says what is wrong with them. @internal */
export type Decoder = (bytes: Uint8Array) => unknown

/** Gives the value of a payload, once what it needs is there. @internal */
export interface Decoding {
  /** As `Payload.prepare`. */
  prepare(bytes: Uint8Array): Promise<void> | undefined
  /** @throws Error that says what is wrong with the bytes */
  decode(bytes: Uint8Array): unknown
}

/** All payloads have one schema. @param decoder - or what makes it, when the library has been loaded @internal */
export function fixedDecoding(decoder: Decoder | (() => Promise<Decoder>), isReady: boolean): Decoding {
  let ready = isReady ? (decoder as Decoder) : undefined
  let loading: Promise<void> | undefined
  const load = async (): Promise<void> => {
    try {
      ready = await (decoder as () => Promise<Decoder>)()
    } finally {
      loading = undefined
    }
  }
  return {
    prepare: () => {
      if (ready) return undefined
      loading ??= load()
      return loading
    },
    decode: (bytes) => {
      if (!ready) throw new Error('cannot be decoded yet: use fetchAndDecode to try a payload out')
      return ready(bytes)
    }
  }
}

interface Refused {
  readonly why: string
  /** When the registry may be asked again, ms. */
  readonly until: number
}

const MOST_REFUSED = 10_000
const ASK_AGAIN_MS = 30_000

/**
 * Each payload names its schema. A registry is asked once for an id; for one that it does not know, again half a minute
 * later at most. One question at a time: a flood of wrong ids is not passed on.
 *
 * @internal
 */
export class RegisteredDecoding implements Decoding {
  readonly #registry: SchemaRegistry
  readonly #make: (schema: RegisteredSchema) => Promise<Decoder>
  readonly #now: () => number
  readonly #decoders = new Map<number, Decoder>()
  readonly #refused = new Map<number, Refused>()
  readonly #asked = new Map<number, Promise<void>>()
  #last: Promise<unknown> = Promise.resolve()

  /** @param make - makes the decoder of a schema; a ProtocolError of it is the reason why messages of it are rejected */
  constructor(
    registry: SchemaRegistry,
    make: (schema: RegisteredSchema) => Promise<Decoder>,
    now: () => number = () => performance.now()
  ) {
    this.#registry = registry
    this.#make = make
    this.#now = now
  }

  prepare(bytes: Uint8Array): Promise<void> | undefined {
    const id = schemaIdOf(bytes)
    if (id === undefined || this.#decoders.has(id)) return undefined
    const refused = this.#refused.get(id)
    if (refused && this.#now() < refused.until) return undefined
    const asked = this.#asked.get(id)
    if (asked) return asked
    const asking = this.#last.then(() => this.#ask(id)).finally(() => this.#asked.delete(id))
    this.#asked.set(id, asking)
    this.#last = asking.catch(() => {})
    return asking
  }

  decode(bytes: Uint8Array): unknown {
    const { id, body } = openEnvelope(bytes)
    const decoder = this.#decoders.get(id)
    if (decoder) return decoder(body)
    const why = this.#refused.get(id)?.why ?? 'has not been fetched: use fetchAndDecode to try a payload out'
    throw new Error(`its schema ${id} ${why}`)
  }

  async #ask(id: number): Promise<void> {
    try {
      const schema = await this.#registry.schema(id)
      if (!schema) return this.#refuse(id, `is unknown to ${this.#registry.url}`)
      this.#decoders.set(id, await this.#make(schema))
      this.#refused.delete(id)
    } catch (error) {
      // of this one schema: other messages are not affected
      if (!(error instanceof ProtocolError) && !(isSdkError(error) && error.code === 'PROTOCOL_VIOLATION')) throw error
      this.#refuse(id, `cannot be used: ${(error as Error).message}`)
    }
  }

  #refuse(id: number, why: string): void {
    this.#refused.delete(id)
    if (this.#refused.size >= MOST_REFUSED) this.#refused.delete(this.#refused.keys().next().value as number)
    this.#refused.set(id, { why, until: this.#now() + ASK_AGAIN_MS })
  }
}
