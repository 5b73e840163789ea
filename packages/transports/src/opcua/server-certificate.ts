import { createHash, X509Certificate } from 'node:crypto'

/**
 * What a server says who it is, for `trust` to decide.
 *
 * @example
 * ```ts
 * import type { ServerCertificate } from '@messwerk/transports/opcua'
 *
 * const known = (certificate: ServerCertificate) => certificate.fingerprint === '6d1f3a'
 * typeof known // => 'function'
 * ```
 */
export interface ServerCertificate {
  /** SHA-256 of the certificate, hex: to be compared with what the server's own page shows. */
  readonly fingerprint: string
  readonly subject: string
  readonly issuer: string
  /** The server's own name for itself, `urn:..`. */
  readonly applicationUri: string | undefined
  readonly validFrom: Date
  readonly validTo: Date
  readonly pem: string
}

/** The certificates of a chain, the server's own first. @param der - one after the other @internal */
export function chainOf(der: Uint8Array): X509Certificate[] {
  const chain: X509Certificate[] = []
  for (let at = 0; at + 4 <= der.length; ) {
    const length = lengthAt(der, at)
    chain.push(new X509Certificate(der.subarray(at, at + length)))
    at += length
  }
  return chain
}

/** Of a DER value with its head. */
function lengthAt(der: Uint8Array, at: number): number {
  const first = der[at + 1] as number
  if (first < 0x80) return first + 2
  let length = 0
  for (let i = 0; i < first - 0x80; i += 1) length = length * 256 + (der[at + 2 + i] as number)
  return length + 2 + first - 0x80
}

/** @internal */
export function describeCertificate(certificate: X509Certificate): ServerCertificate {
  const { raw, subject, issuer, subjectAltName = '' } = certificate
  return {
    fingerprint: createHash('sha256').update(raw).digest('hex'),
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    applicationUri: /URI:([^,\s]+)/.exec(subjectAltName)?.[1],
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
    pem: certificate.toString()
  }
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ')
}
