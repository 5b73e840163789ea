import { type Duration, durationMs } from '@messwerk/core/model'
import type { TlsOptions } from '../connection/tls-options.ts'
import type { MqttLibrary } from './load-mqtt.ts'

/**
 * What the broker publishes when the connection ends without a goodbye.
 *
 * @example
 * ```ts
 * import type { MqttWill } from '@messwerk/transports/mqtt'
 *
 * const will: MqttWill = { topic: 'state/press-3', payload: 'offline', qos: 1, retain: true }
 * will.retain // => true
 * ```
 */
export interface MqttWill {
  readonly topic: string
  readonly payload: string | Uint8Array
  /** @defaultValue 0 */
  readonly qos?: 0 | 1 | 2 | undefined
  /** @defaultValue false */
  readonly retain?: boolean | undefined
}

/**
 * What MQTT sources and sinks need to connect.
 *
 * @example
 * ```ts
 * import type { MqttConnectionOptions } from '@messwerk/transports/mqtt'
 *
 * const options: MqttConnectionOptions = { url: 'mqtts://broker:8883', username: 'mw', password: async () => 'token' }
 * options.url // => 'mqtts://broker:8883'
 * ```
 */
export interface MqttConnectionOptions {
  /** `mqtt://host:1883`, `mqtts://host:8883`, or `ws://` and `wss://`. */
  readonly url: string
  /** 5, or 4 for MQTT 3.1.1. @defaultValue 5 */
  readonly version?: 4 | 5 | undefined
  readonly username?: string | undefined
  /** A function is asked before each connection, for tokens that expire. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  readonly tls?: TlsOptions | undefined
  readonly will?: MqttWill | undefined
  /** Longest silence: a dead link is noticed within 1.5 of these; at least 1 s. @defaultValue '30s' */
  readonly keepalive?: Duration | undefined
  /** How long to wait for the connection, and for an answer of the broker. @defaultValue '10s' */
  readonly timeout?: Duration | undefined
  /** User properties of the connection (MQTT 5). */
  readonly userProperties?: Readonly<Record<string, string>> | undefined
  /** The client library, when it is not to be loaded by name. */
  readonly lib?: MqttLibrary | undefined
}

/** Connection options that have been checked. @internal */
export interface ConnectionPlan {
  /** Without credentials: this is what errors and logs show. */
  readonly url: string
  readonly protocol: string
  readonly host: string
  readonly port: number
  readonly path: string
  readonly version: 4 | 5
  readonly username: string | undefined
  readonly password: (() => Promise<string>) | undefined
  readonly keepaliveMs: number
  readonly timeoutMs: number
  readonly options: MqttConnectionOptions
}

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 }

/** @throws TypeError or RangeError that names the option @internal */
export function planConnection(options: MqttConnectionOptions, what: string): ConnectionPlan {
  const { version = 5, keepalive = '30s', timeout = '10s' } = options
  if (version !== 4 && version !== 5) {
    throw new RangeError(`${what}: version must be 5 or 4 (MQTT 3.1.1), got ${JSON.stringify(version)}`)
  }
  const keepaliveMs = durationMs(keepalive, `${what}: keepalive`)
  if (keepaliveMs < 1000 || keepaliveMs > 65_535_000) {
    throw new RangeError(`${what}: keepalive must be between 1 s and 65535 s, got '${keepalive}'`)
  }
  if (options.userProperties && version === 4) {
    throw new RangeError(`${what}: userProperties need version 5`)
  }
  checkWill(options.will, what)
  return {
    ...placeOf(options, what),
    ...credentialsOf(options, what),
    version,
    keepaliveMs,
    timeoutMs: durationMs(timeout, `${what}: timeout`),
    options
  }
}

function placeOf({ url, tls }: MqttConnectionOptions, what: string) {
  const parsed = parse(url)
  const port = parsed && PORTS[parsed.protocol]
  if (!parsed || port === undefined || parsed.hostname === '') {
    // the text may hold a password: it is not repeated
    throw new TypeError(`${what}: url must be like 'mqtt://host:1883', 'mqtts://host:8883', 'ws://…' or 'wss://…'`)
  }
  const { protocol, hostname, pathname } = parsed
  if (tls && protocol !== 'mqtts:' && protocol !== 'wss:') {
    throw new RangeError(`${what}: tls needs a url that begins with 'mqtts://' or 'wss://', got '${protocol}//'`)
  }
  const isWeb = protocol.startsWith('ws')
  const place = `${protocol}//${parsed.host}${isWeb ? pathname : ''}`
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return { url: place, protocol: protocol.slice(0, -1), host, port: Number(parsed.port) || port, path: pathname }
}

function parse(url: string): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

function credentialsOf({ url, username, password }: MqttConnectionOptions, what: string) {
  const inUrl = new URL(url)
  const name = username ?? (inUrl.username === '' ? undefined : decodeURIComponent(inUrl.username))
  const secret = password ?? (inUrl.password === '' ? undefined : decodeURIComponent(inUrl.password))
  if (secret !== undefined && typeof secret !== 'string' && typeof secret !== 'function') {
    throw new TypeError(`${what}: password must be a string or a function, got a ${typeof secret}`)
  }
  const ask = typeof secret === 'function' ? async () => secret() : async () => secret as string
  return { username: name, password: secret === undefined ? undefined : ask }
}

function checkWill(will: MqttWill | undefined, what: string): void {
  if (will === undefined) return
  if (typeof will.topic !== 'string' || will.topic === '' || /[+#]/.test(will.topic)) {
    throw new TypeError(`${what}: will.topic must be a topic without wildcards, got ${JSON.stringify(will.topic)}`)
  }
}

/** @throws RangeError @internal */
export function checkQos(qos: unknown, what: string): asserts qos is 0 | 1 | 2 {
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    throw new RangeError(`${what}: qos must be 0, 1 or 2, got ${JSON.stringify(qos)}`)
  }
}
