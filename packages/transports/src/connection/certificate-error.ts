import { AuthError, NotConnectedError, ProtocolError, type SdkError } from '@messwerk/core/model'

const UNKNOWN_AUTHORITY = "the broker's certificate was signed by an unknown authority; pass its certificate as tls.ca"
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired; renew it",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet; check the clocks",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is self-signed; pass it as tls.ca",
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: "the broker's certificate is for another name; see tls.servername"
}
const FOR_A_WHILE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

/**
 * What an error of a TLS connection means, in the errors of the SDK; undefined where it has nothing to do with
 * certificates.
 *
 * @param code - of Node's error
 * @param text - its message
 * @internal
 */
export function certificateError(code: string, text: string, url: string, cause: unknown): SdkError | undefined {
  const certificate = CERTIFICATE[code]
  if (certificate !== undefined) {
    // someone renews it and the next try succeeds; the others are mistakes in the configuration
    if (FOR_A_WHILE.has(code)) return new NotConnectedError(url, `${certificate} (${code})`, { cause })
    return new ProtocolError(`${url}: ${certificate} (${code})`, { cause })
  }
  if (/certificate required|bad certificate|unknown ca|certificate unknown|certificate expired/i.test(text)) {
    return new AuthError(url, `TLS: ${alertOf(text)}; see tls.cert and tls.key`, { cause })
  }
  if (/wrong version number|packet length too long|EPROTO/i.test(text)) {
    return new ProtocolError(`${url}: no TLS is spoken there; see url`, { cause })
  }
  return undefined
}

function alertOf(text: string): string {
  return /alert [a-z ]+/i.exec(text)?.[0].trim() ?? text.slice(0, 80)
}
