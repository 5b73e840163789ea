import { type Duration, durationMs } from '@messwerk/core/model'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { ServerCertificate } from './server-certificate.ts'

/**
 * How messages are protected, as OPC UA names it.
 *
 * @example
 * ```ts
 * import type { OpcuaSecurity } from '@messwerk/transports/opcua'
 *
 * const security: OpcuaSecurity = 'SignAndEncrypt'
 * security // => 'SignAndEncrypt'
 * ```
 */
export type OpcuaSecurity = 'SignAndEncrypt' | 'Sign' | 'None'

/**
 * The algorithms of a secured connection.
 *
 * @example
 * ```ts
 * import type { OpcuaPolicy } from '@messwerk/transports/opcua'
 *
 * const policy: OpcuaPolicy = 'Basic256Sha256'
 * policy // => 'Basic256Sha256'
 * ```
 */
export type OpcuaPolicy = 'Basic256Sha256' | 'Aes128_Sha256_RsaOaep' | 'Aes256_Sha256_RsaPss'

/**
 * Who logs in: nobody, a name with its password, or the owner of a certificate (files in PEM).
 *
 * A password that an endpoint takes in plain text only is not sent, but to this machine, unless `unencrypted` is true.
 *
 * @example
 * ```ts
 * import type { OpcuaUser } from '@messwerk/transports/opcua'
 *
 * const user: OpcuaUser = { name: 'reader', password: 'secret' }
 * user.name // => 'reader'
 * ```
 */
export type OpcuaUser =
  | 'anonymous'
  | { readonly name: string; readonly password: string; readonly unencrypted?: boolean | undefined }
  | { readonly certificate: string; readonly key: string }

/**
 * Where an OPC UA server is, and how to speak to it.
 *
 * @example
 * ```ts
 * import type { OpcuaConnectionOptions } from '@messwerk/transports/opcua'
 *
 * const options: OpcuaConnectionOptions = {
 *   url: 'opc.tcp://10.0.0.5:4840',
 *   pki: 'state/pki',
 *   user: { name: 'reader', password: 'secret' },
 * }
 * options.pki // => 'state/pki'
 * ```
 */
export interface OpcuaConnectionOptions {
  /** `opc.tcp://host:port/path`, without credentials. */
  readonly url: string
  /** Nothing weaker is taken than what stands here. @defaultValue 'SignAndEncrypt' */
  readonly security?: OpcuaSecurity | undefined
  /** @defaultValue 'Basic256Sha256' */
  readonly policy?: OpcuaPolicy | undefined
  /** @defaultValue 'anonymous' */
  readonly user?: OpcuaUser | undefined
  /**
   * Folder with our own certificate and key (`own/`, made at the first connection), the certificates that are trusted
   * (`trusted/`: of servers or of authorities, PEM or DER) and those that were not (`rejected/`). Needed unless `security`
   * is `'None'`.
   */
  readonly pki?: string | undefined
  /**
   * Asked when a certificate is seen for the first time; what it agrees to is kept in `trusted/`.
   * @defaultValue unknown certificates are refused
   */
  readonly trust?: ((certificate: ServerCertificate) => boolean | Promise<boolean>) | undefined
  /** Name of this application in its own certificate. @defaultValue 'urn:messwerk:client' */
  readonly applicationUri?: string | undefined
  /** Most that connecting or an answer may take. @defaultValue '10s' */
  readonly timeout?: Duration | undefined
  /** The client library, where it is not to be loaded by its name. */
  readonly lib?: OpcuaLibrary | undefined
}

/** Options that have been checked. @internal */
export interface ConnectionPlan {
  readonly url: string
  readonly security: OpcuaSecurity
  readonly policy: OpcuaPolicy
  readonly user: OpcuaUser
  readonly pki: string | undefined
  readonly trust: OpcuaConnectionOptions['trust']
  readonly applicationUri: string
  readonly timeoutMs: number
  readonly lib: OpcuaLibrary | undefined
}

const SECURITY: readonly OpcuaSecurity[] = ['SignAndEncrypt', 'Sign', 'None']
const POLICIES: readonly OpcuaPolicy[] = ['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss']

/** @param what - for messages @throws TypeError or RangeError that names the option @internal */
export function planConnection(options: OpcuaConnectionOptions, what: string): ConnectionPlan {
  const { security = 'SignAndEncrypt', policy = 'Basic256Sha256', user = 'anonymous', pki, trust } = options
  const { applicationUri = 'urn:messwerk:client', timeout = '10s', lib } = options
  checkOneOf(security, SECURITY, `${what}: security`)
  checkOneOf(policy, POLICIES, `${what}: policy`)
  checkUser(user, what)
  if (security !== 'None' && (typeof pki !== 'string' || pki === '')) {
    throw new TypeError(
      `${what}: pki must name a folder for certificates; without one only security: 'None' is possible, and must be said`
    )
  }
  if (trust !== undefined && typeof trust !== 'function') {
    throw new TypeError(`${what}: trust must be a function of the certificate, got ${typeof trust}`)
  }
  return {
    url: checkUrl(options.url, what),
    security,
    policy,
    user,
    pki,
    trust,
    applicationUri,
    timeoutMs: durationMs(timeout, `${what}: timeout`),
    lib
  }
}

function checkOneOf(value: string, allowed: readonly string[], option: string): void {
  if (allowed.includes(value)) return
  throw new RangeError(`${option} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}`)
}

function checkUrl(url: string, what: string): string {
  if (typeof url !== 'string' || !URL.canParse(url) || new URL(url).protocol !== 'opc.tcp:') {
    throw new RangeError(`${what}: url must be such as 'opc.tcp://10.0.0.5:4840', got ${JSON.stringify(url)}`)
  }
  const { username, password } = new URL(url)
  if (username || password) throw new RangeError(`${what}: url must not hold credentials; use user: { name, password }`)
  return url
}

function checkUser(user: OpcuaUser, what: string): void {
  if (user === 'anonymous') return
  const fields = Object(user) as Readonly<Record<string, unknown>>
  const { unencrypted } = fields
  if (unencrypted !== undefined && typeof unencrypted !== 'boolean') {
    throw new TypeError(`${what}: user.unencrypted must be true or false, got ${JSON.stringify(unencrypted)}`)
  }
  const isText = (...names: readonly string[]): boolean => names.every((name) => typeof fields[name] === 'string')
  if (isText('name', 'password') || isText('certificate', 'key')) return
  throw new TypeError(`${what}: user must be 'anonymous', { name, password } or { certificate, key }`)
}
