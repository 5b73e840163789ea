import { type Duration, durationMs, ProtocolError, type Size, sizeBytes } from '@messwerk/core/model'
import { RegistryRequests } from './registry-requests.ts'

/**
 * A schema of a registry, with those that it refers to.
 *
 * @example
 * ```ts
 * import type { RegisteredSchema } from '@messwerk/transports/codecs'
 *
 * const schema: RegisteredSchema = { id: 7, type: 'AVRO', schema: '"double"', references: [] }
 * schema.type // => 'AVRO'
 * ```
 */
export interface RegisteredSchema {
  readonly id: number
  readonly type: 'AVRO' | 'PROTOBUF' | 'JSON'
  readonly schema: string
  /** In the order in which they can be read: each after those it refers to itself. */
  readonly references: readonly { readonly name: string; readonly schema: string }[]
}

/**
 * Options of {@link schemaRegistry}.
 *
 * @example
 * ```ts
 * import type { SchemaRegistryOptions } from '@messwerk/transports/codecs'
 *
 * const options: SchemaRegistryOptions = { url: 'https://registry.plant.example', username: 'reader', password: async () => 'from a vault' }
 * options.username // => 'reader'
 * ```
 */
export interface SchemaRegistryOptions {
  /** `http://` or `https://`; it holds no credentials. */
  readonly url: string
  /** For HTTP Basic. */
  readonly username?: string | undefined
  /** With `username`; a function is asked before each request. Never logged. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** For a bearer token; asked before each request. */
  readonly token?: (() => string | Promise<string>) | undefined
  /** For each answer, at least 100 ms. @defaultValue '10s' */
  readonly timeout?: Duration | undefined
  /** A larger answer is refused. @defaultValue '1MiB' */
  readonly maxSchema?: Size | undefined
  /** What sends the requests, for a proxy or private certificates. @defaultValue fetch of Node */
  readonly fetch?: typeof fetch | undefined
}

/**
 * A schema registry, see {@link schemaRegistry}.
 *
 * @example
 * ```ts
 * import { type SchemaRegistry, schemaRegistry } from '@messwerk/transports/codecs'
 *
 * const registry: SchemaRegistry = schemaRegistry({ url: 'http://127.0.0.1:8081' })
 * registry.url // => 'http://127.0.0.1:8081'
 * ```
 */
export interface SchemaRegistry {
  readonly url: string
  /**
   * The schema with an id; undefined where the registry has none. It is asked each time: payloads and encoders remember.
   *
   * @throws NotConnectedError, TimeoutError, which may be retried; AuthError; ProtocolError
   */
  schema(id: number): Promise<RegisteredSchema | undefined>
  /**
   * The id of a schema under a subject; undefined where it is not registered and `register` is false.
   *
   * @throws as `schema`; ProtocolError when the registry refuses the schema
   */
  idOf(
    subject: string,
    schema: Pick<RegisteredSchema, 'type' | 'schema'>,
    register?: boolean
  ): Promise<number | undefined>
}

const MOST_REFERENCES = 64

/**
 * A schema registry that speaks the REST interface of Confluent's (Redpanda, Karapace and Apicurio do, too).
 *
 * @throws TypeError or RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { avro, schemaRegistry } from '@messwerk/transports/codecs'
 *
 * const registry = schemaRegistry({ url: 'http://127.0.0.1:8081', timeout: '5s' })
 * const payload = avro({ registry, channels: { rms: 'mm/s' }, time: { at: 'ts', unit: 'ms' } })
 * payload.channels // => { rms: 'mm/s' }
 * ```
 */
export function schemaRegistry(options: SchemaRegistryOptions): SchemaRegistry {
  const requests = new RegistryRequests({ url: urlOf(options.url), ...limitsOf(options), options })
  return {
    url: requests.url,
    schema: async (id) => {
      const found = await requests.ask('GET', `/schemas/ids/${id}`)
      if (found === undefined) return undefined
      return { id, type: typeOf(found), schema: textOf(found), references: await referencesOf(requests, found) }
    },
    idOf: async (subject, { type, schema }, register = false) => {
      const path = `/subjects/${encodeURIComponent(subject)}${register ? '/versions' : ''}`
      const found = await requests.ask('POST', path, { schema, schemaType: type })
      if (found === undefined || Number.isSafeInteger(found['id'])) return found?.['id'] as number | undefined
      throw new ProtocolError(`${requests.url}: an answer without an id`)
    }
  }
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new TypeError("schemaRegistry: url must be like 'https://registry.plant.example:8081'")
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('schemaRegistry: url holds no credentials; give username and password')
  }
  return text.replace(/\/+$/, '')
}

function limitsOf({ timeout = '10s', maxSchema = '1MiB', username, password, token }: SchemaRegistryOptions) {
  if ((username === undefined) !== (password === undefined)) {
    throw new TypeError('schemaRegistry: username and password belong together')
  }
  if (token !== undefined && (typeof token !== 'function' || username !== undefined)) {
    throw new TypeError('schemaRegistry: token must be a function, without username and password')
  }
  const timeoutMs = durationMs(timeout, 'schemaRegistry: timeout')
  if (timeoutMs < 100) throw new RangeError(`schemaRegistry: timeout must be at least 100 ms, got '${timeout}'`)
  return { timeoutMs, most: sizeBytes(maxSchema, 'schemaRegistry: maxSchema') }
}

type Answer = Readonly<Record<string, unknown>>

function textOf(answer: Answer): string {
  if (typeof answer['schema'] === 'string') return answer['schema']
  throw new ProtocolError('the schema registry has answered without a schema')
}

function typeOf({ schemaType = 'AVRO' }: Answer): RegisteredSchema['type'] {
  if (schemaType === 'AVRO' || schemaType === 'PROTOBUF' || schemaType === 'JSON') return schemaType
  throw new ProtocolError(`the schema registry has a schema of the unknown type ${JSON.stringify(schemaType)}`)
}

/** Those of those first; each once. */
async function referencesOf(requests: RegistryRequests, answer: Answer): Promise<{ name: string; schema: string }[]> {
  const found = new Map<string, string>()
  const begun = new Set<string>()
  const visit = async ({ references = [] }: Answer): Promise<void> => {
    if (!Array.isArray(references)) throw new ProtocolError('the schema registry has answered with wrong references')
    for (const { name, subject, version } of references as Record<string, string>[]) {
      const key = String(name)
      if (begun.has(key)) continue
      begun.add(key)
      if (begun.size > MOST_REFERENCES) throw new ProtocolError(`a schema has more than ${MOST_REFERENCES} references`)
      const path = `/subjects/${encodeURIComponent(String(subject))}/versions/${encodeURIComponent(String(version))}`
      const inner = await requests.ask('GET', path)
      if (inner === undefined)
        throw new ProtocolError(`a schema refers to ${subject}, version ${version}, which the registry has not`)
      await visit(inner)
      found.set(key, textOf(inner))
    }
  }
  await visit(answer)
  return Array.from(found, ([name, schema]) => ({ name, schema }))
}
