import {
  AuthError,
  InUseError,
  NotConnectedError,
  ProtocolError,
  type SdkError,
  TimeoutError
} from '@messwerk/core/model'
import { certificateError } from '../connection/certificate-error.ts'
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

/** What an error of the client library means, in the errors of the SDK; its own text stays in the cause. @internal */
export function connectionError(cause: unknown, plan: ConnectionPlan): SdkError {
  const { url } = plan
  const { message, code } = cause as { readonly message?: string; readonly code?: string | number }
  if (typeof code === 'number' && code > 0) return reasonError(code, plan, 'the broker refused', cause)
  const text = message ?? String(cause)
  if (text === 'connack timeout') return new TimeoutError(`the answer of ${url} to CONNECT`, plan.timeoutMs, { cause })
  const name = String(code ?? '')
  const certificate = certificateError(name, text, url, cause)
  if (certificate) return certificate
  return new NotConnectedError(url, name === '' ? text : `${text.split('\n')[0]}`, { cause })
}
