import {
  AuthError,
  InUseError,
  NotConnectedError,
  ProtocolError,
  type SdkError,
  TimeoutError
} from '@messwerk/core/model'
import type { ConnectionPlan } from './connection-options.ts'
import { kindOfReason, reasonText } from './reason-codes.ts'

const SESSION_TAKEN_OVER = 142

/** Why the broker ended a connection: unless it was the credentials, the next one may do. @internal */
export function disconnectError(code: number, plan: ConnectionPlan): SdkError {
  const why = 'the broker disconnected'
  if (code === SESSION_TAKEN_OVER || kindOfReason(code) === 'credentials') return reasonError(code, plan, why)
  return new NotConnectedError(plan.url, code < 128 ? why : `${why}: ${reasonText(code)}`)
}

/** What a reason code of the broker means, in the errors of the SDK. */
function reasonError(code: number, plan: ConnectionPlan, doing: string, cause?: unknown): SdkError {
  const why = `${doing}: ${reasonText(code)}`
  if (code === SESSION_TAKEN_OVER) {
    return new InUseError(plan.url, `${why}; another client has the same client id, give each its own`, { cause })
  }
  const kind = kindOfReason(code)
  if (kind === 'credentials') return new AuthError(plan.url, why, { cause })
  if (kind === 'patience') return new NotConnectedError(plan.url, why, { cause })
  const hint = code === 1 || code === 132 ? `; try version: ${plan.version === 5 ? 4 : 5}` : ''
  return new ProtocolError(`${plan.url}: ${why}${hint}`, { cause })
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired; renew it",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet; check the clocks",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is self-signed; pass it as tls.ca",
  SELF_SIGNED_CERT_IN_CHAIN:
    "the broker's certificate was signed by an unknown authority; pass its certificate as tls.ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the broker's certificate was signed by an unknown authority; pass its certificate as tls.ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the broker's certificate was signed by an unknown authority; pass its certificate as tls.ca",
  ERR_TLS_CERT_ALTNAME_INVALID: "the broker's certificate is for another name; see tls.servername"
}
const FOR_A_WHILE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])

/** What an error of the client library means, in the errors of the SDK; its own text stays in the cause. @internal */
export function connectionError(cause: unknown, plan: ConnectionPlan): SdkError {
  const { url } = plan
  const { message, code } = cause as { readonly message?: string; readonly code?: string | number }
  if (typeof code === 'number' && code > 0) return reasonError(code, plan, 'the broker refused', cause)
  const text = message ?? String(cause)
  if (text === 'connack timeout') return new TimeoutError(`the answer of ${url} to CONNECT`, plan.timeoutMs, { cause })
  const name = String(code ?? '')
  const certificate = CERTIFICATE[name]
  if (certificate !== undefined) {
    // someone renews it and the next try succeeds; the others are mistakes in the configuration
    if (FOR_A_WHILE.has(name)) return new NotConnectedError(url, `${certificate} (${name})`, { cause })
    return new ProtocolError(`${url}: ${certificate} (${name})`, { cause })
  }
  if (/certificate required|bad certificate|unknown ca|certificate unknown|certificate expired/i.test(text)) {
    return new AuthError(url, `TLS: ${alertOf(text)}; see tls.cert and tls.key`, { cause })
  }
  if (/wrong version number|packet length too long|EPROTO/i.test(text)) {
    return new ProtocolError(`${url}: no TLS is spoken there; see url`, { cause })
  }
  return new NotConnectedError(url, name === '' ? text : `${text.split('\n')[0]}`, { cause })
}

function alertOf(text: string): string {
  return /alert [a-z ]+/i.exec(text)?.[0].trim() ?? text.slice(0, 80)
}
