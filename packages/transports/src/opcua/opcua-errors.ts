import {
  AuthError,
  isSdkError,
  NotConnectedError,
  ProtocolError,
  type SdkError,
  TimeoutError
} from '@messwerk/core/model'

const REFUSED =
  /Bad(UserAccessDenied|IdentityTokenRejected|IdentityTokenInvalid|UserSignatureInvalid|IdentityChangeNotSupported)/
const CERTIFICATE = /Bad(Certificate\w*|SecurityChecksFailed|ApplicationSignatureInvalid)/
const MISTAKE = /Bad(SecurityPolicyRejected|SecurityModeRejected|SecurityModeInsufficient|TcpEndpointUrlInvalid)/
const TIMEOUT = /Bad(Timeout|RequestTimeout)|timeout|timed? ?out/i

/** What an error of the client library means, in the errors of the SDK. @internal */
export function opcuaError(error: unknown, url: string, timeoutMs: number): SdkError {
  if (isSdkError(error)) return error
  const text = error instanceof Error ? error.message : String(error)
  const short = text.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
  const options = { cause: error }
  const refused = REFUSED.exec(text)
  if (refused) return new AuthError(url, `${refused[0]}; see user`, options)
  const certificate = CERTIFICATE.exec(text)
  if (certificate) {
    return new AuthError(url, `${certificate[0]}: let the server trust our certificate, own/certificate.pem`, options)
  }
  if (MISTAKE.test(text)) return new ProtocolError(`${url}: ${short}`, options)
  if (TIMEOUT.test(text)) return new TimeoutError(`an answer of ${url}`, timeoutMs, options)
  return new NotConnectedError(url, short, options)
}

/** A subscription that is not to be gone on with, also not by the next connection. @internal */
export class SubscriptionGivenUp extends Error {
  override readonly name = 'SubscriptionGivenUp'
}

/** Where the subscription is gone, whether or not the session is. @internal */
export function lostSubscription(error: unknown, url: string): SdkError | undefined {
  if (error instanceof SubscriptionGivenUp) return new NotConnectedError(url, error.message)
  const status = isSdkError(error) ? undefined : /BadSubscriptionIdInvalid|BadNoSubscription/.exec(String(error))?.[0]
  return status === undefined
    ? undefined
    : new NotConnectedError(url, `the server has lost the subscription (${status})`)
}

/** The status with which a server refuses to make subscriptions at all. @internal */
export function refusedSubscriptions(error: unknown): string | undefined {
  return /Bad(ServiceUnsupported|NotImplemented|TooManySubscriptions|NotSupported)/.exec(String(error))?.[0]
}
