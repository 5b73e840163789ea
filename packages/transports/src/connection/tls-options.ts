import { Buffer } from 'node:buffer'

/**
 * TLS of a connection; PEM texts. With `cert` and `key` the broker is shown a certificate too (mTLS).
 *
 * @example
 * ```ts
 * import type { TlsOptions } from '@messwerk/transports/kafka'
 *
 * const tls: TlsOptions = { ca: '-----BEGIN CERTIFICATE-----...', servername: 'broker.plant.example' }
 * tls.servername // => 'broker.plant.example'
 * ```
 */
export interface TlsOptions {
  /** Who may have signed the broker's certificate. @defaultValue those that Node knows */
  readonly ca?: string | Uint8Array | undefined
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
  /** Of the key. */
  readonly passphrase?: string | undefined
  /** Name that the broker's certificate must have. @defaultValue the host of `url` */
  readonly servername?: string | undefined
}

/** What is given, in Node's types. @internal */
export function tlsGiven(tls: TlsOptions): Record<string, unknown> {
  const pem = (value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value) : value)
  const given = Object.entries(tls).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, pem(value)]))
}
