import { type Duration, durationMs } from '@messwerk/core/model'
import { isThisMachine } from '../connection/is-this-machine.ts'
import type { TlsOptions } from '../connection/tls-options.ts'
import { checkCodecs, type KafkaCodec } from './compression.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

/**
 * How a client says who it is. Passwords and tokens that are functions are asked before each connection; nothing of
 * them is ever logged. Without TLS (`kafka://`) they are sent to this machine alone, unless `unencrypted` is true.
 *
 * @example
 * ```ts
 * import type { KafkaSasl } from '@messwerk/transports/kafka'
 *
 * const sasl: KafkaSasl = { mechanism: 'scram-sha-512', username: 'reader', password: async () => 'from a vault' }
 * const byToken: KafkaSasl = { mechanism: 'oauthbearer', token: async () => 'eyJhbGciOi...' }
 * const mechanisms = [sasl.mechanism, byToken.mechanism]
 * mechanisms // => ['scram-sha-512', 'oauthbearer']
 * ```
 */
export type KafkaSasl = {
  /** Lets the credentials go to other machines without TLS, where whoever is on the way may read them. @defaultValue false */
  readonly unencrypted?: boolean | undefined
} & (
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      /** The password, or what fetches it for each connection. */
      readonly password: string | (() => string | Promise<string>)
    }
  | {
      readonly mechanism: 'oauthbearer'
      /** Fetches a token for each connection. */
      readonly token: () => string | Promise<string>
    }
)

/**
 * What Kafka sources and sinks need to connect.
 *
 * @example
 * ```ts
 * import type { KafkaConnectionOptions } from '@messwerk/transports/kafka'
 *
 * const options: KafkaConnectionOptions = {
 *   url: 'kafkas://kafka-1:9093,kafka-2:9093',
 *   sasl: { mechanism: 'scram-sha-512', username: 'reader', password: 'secret' },
 * }
 * options.url // => 'kafkas://kafka-1:9093,kafka-2:9093'
 * ```
 */
export interface KafkaConnectionOptions {
  /**
   * `kafka://host:9092`, or `kafkas://host:9093` with TLS; several brokers behind commas. One that answers is enough. An IPv6
   * address cannot be given: name the host.
   */
  readonly url: string
  /** With `kafkas://`. */
  readonly tls?: TlsOptions | undefined
  readonly sasl?: KafkaSasl | undefined
  /** Name in the brokers' logs and quotas. @defaultValue 'messwerk' */
  readonly clientId?: string | undefined
  /** How long to wait for a connection, and for an answer of a broker; at least 1 s. @defaultValue '10s' */
  readonly timeout?: Duration | undefined
  /**
   * Compression of one's own in place of what there is: `snappyjs` for snappy, for zstd Node's zlib or, for reading, `fzstd`. It
   * holds for everyone in this process who uses this client library.
   */
  readonly codecs?:
    | {
        readonly snappy?: KafkaCodec | undefined
        readonly lz4?: KafkaCodec | undefined
        readonly zstd?: KafkaCodec | undefined
      }
    | undefined
  /** The client library, when it is not to be loaded by name. */
  readonly lib?: KafkaLibrary | undefined
}

/** Connection options that have been checked. @internal */
export interface ConnectionPlan {
  /** This is what errors and logs show. */
  readonly url: string
  readonly brokers: readonly string[]
  readonly isSecure: boolean
  readonly clientId: string
  readonly timeoutMs: number
  readonly options: KafkaConnectionOptions
}

const URL_FORM = "url must be like 'kafka://host:9092' or 'kafkas://host-1:9093,host-2:9093'"
const DEFAULT_PORT = 9092
const PASSWORDS = ['plain', 'scram-sha-256', 'scram-sha-512']

/** @throws TypeError or RangeError that names the option @internal */
export function planConnection(options: KafkaConnectionOptions, what: string): ConnectionPlan {
  const { url, tls, sasl, clientId = 'messwerk', timeout = '10s' } = options
  const match = typeof url === 'string' ? /^(kafkas?):\/\/([^/?#]+)\/?$/.exec(url) : null
  // the text may hold a password: it is not repeated
  if (!match) throw new TypeError(`${what}: ${URL_FORM}`)
  const [, scheme, hosts] = match as unknown as [string, string, string]
  const isSecure = scheme === 'kafkas'
  if (tls && !isSecure) throw new RangeError(`${what}: tls needs a url that begins with 'kafkas://'`)
  if (sasl !== undefined) checkSasl(sasl, what)
  if (options.codecs !== undefined) checkCodecs(options.codecs, what)
  if (typeof clientId !== 'string' || clientId === '') throw new TypeError(`${what}: clientId must be a name`)
  const timeoutMs = durationMs(timeout, `${what}: timeout`)
  if (timeoutMs < 1000) throw new RangeError(`${what}: timeout must be at least 1 s, got '${timeout}'`)
  const brokers = hosts.split(',').map(brokerOf(what))
  const plan = { url, brokers, isSecure, clientId, timeoutMs, options }
  for (const broker of brokers) checkOpen(plan, broker.replace(/:\d+$/, ''), what)
  return plan
}

/**
 * Looks whether credentials would go over a network that anybody may read.
 *
 * @throws RangeError
 * @internal
 */
export function checkOpen({ isSecure, options: { sasl } }: ConnectionPlan, host: string, what: string): void {
  if (isSecure || sasl === undefined || sasl.unencrypted === true || isThisMachine(host)) return
  throw new RangeError(
    `${what}: sasl needs a url that begins with 'kafkas://', or everyone on the way to '${host}' reads the credentials; ` +
      'where that is meant, set sasl.unencrypted: true'
  )
}

function brokerOf(what: string) {
  return (text: string): string => {
    if (text.includes('@')) throw new TypeError(`${what}: url holds no credentials; give sasl`)
    // kafkajs takes what stands before the first colon for the host
    if (text.startsWith('[')) {
      throw new TypeError(
        `${what}: url must name its brokers, as in 'kafka://localhost:9092'; IPv6 addresses cannot be used, got '${text}'`
      )
    }
    const match = /^([^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text)
    const port = Number(match?.[2] ?? DEFAULT_PORT)
    if (!match || port < 1 || port > 65_535) throw new TypeError(`${what}: ${URL_FORM}, got the broker '${text}'`)
    return `${match[1]}:${port}`
  }
}

function checkSasl(sasl: KafkaSasl, what: string): void {
  const { mechanism, unencrypted = false } = sasl
  if (typeof unencrypted !== 'boolean') {
    throw new TypeError(`${what}: sasl.unencrypted must be true or false, got ${JSON.stringify(unencrypted)}`)
  }
  if (sasl.mechanism === 'oauthbearer') {
    if (typeof sasl.token === 'function') return
    throw new TypeError(`${what}: sasl.token must be a function that gives a token`)
  }
  if (!PASSWORDS.includes(mechanism)) {
    const known = PASSWORDS.concat('oauthbearer').join(', ')
    throw new RangeError(`${what}: sasl.mechanism must be one of ${known}, got ${JSON.stringify(mechanism)}`)
  }
  if (typeof sasl.username !== 'string' || sasl.username === '') {
    throw new TypeError(`${what}: sasl.username must be a name`)
  }
  const kind = typeof sasl.password
  if (kind === 'string' || kind === 'function') return
  throw new TypeError(`${what}: sasl.password must be a string or a function, got a ${kind}`)
}
