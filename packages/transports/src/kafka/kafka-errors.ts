import {
  AuthError,
  FencedError,
  isSdkError,
  NotConnectedError,
  ProtocolError,
  type SdkError,
  TimeoutError
} from '@messwerk/core/model'
import { certificateError } from '../connection/certificate-error.ts'
import type { ConnectionPlan } from './connection-options.ts'

interface KafkaFailure {
  readonly name?: string
  readonly message?: string
  /** Of Kafka's protocol: `TOPIC_AUTHORIZATION_FAILED`. */
  readonly type?: string
  /** Of Node. */
  readonly code?: string | number
  readonly cause?: unknown
  readonly retriable?: boolean
}

const SELF_SIGNED: Readonly<Record<string, string>> = {
  'self-signed certificate in certificate chain': 'SELF_SIGNED_CERT_IN_CHAIN',
  'self-signed certificate': 'DEPTH_ZERO_SELF_SIGNED_CERT',
  'unable to verify the first certificate': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'unable to get local issuer certificate': 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'certificate has expired': 'CERT_HAS_EXPIRED',
  'certificate is not yet valid': 'CERT_NOT_YET_VALID'
}
const FORBIDDEN: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED: 'no permission on a topic',
  GROUP_AUTHORIZATION_FAILED: 'no permission on the group',
  CLUSTER_AUTHORIZATION_FAILED:
    'no permission on the cluster (an idempotent producer needs Write on a topic, before Kafka 2.8 IdempotentWrite)',
  SASL_AUTHENTICATION_FAILED: 'wrong credentials'
}

/** Code of an error of ours that the client library passes on: a connection that there must not be. @internal */
export const REFUSED = 'ERR_MESSWERK_REFUSED'

/**
 * What an error of the client library means, in the errors of the SDK; its own text stays in the cause.
 *
 * @param doing - what was asked for: `topic 'vibration'`
 * @internal
 */
export function kafkaError(error: unknown, plan: ConnectionPlan, doing: string): SdkError {
  if (isSdkError(error)) return error
  const { url } = plan
  const cause = rootOf(error)
  if (isSdkError(cause)) return cause
  const { name = '', type = '', message = String(cause) } = cause
  if (name === 'KafkaJSSASLAuthenticationError') return new AuthError(url, plainText(message), { cause })
  const forbidden = FORBIDDEN[type]
  if (forbidden !== undefined) return new AuthError(url, `${doing}: ${forbidden} (${type})`, { cause })
  if (type === 'FENCED_INSTANCE_ID') return new FencedError(doing, ANOTHER, { cause })
  const text = plainText(message)
  if (cause.code === REFUSED) return new ProtocolError(`${doing}: ${text}`, { cause })
  const certificate = certificateError(certificateCode(cause, text), text, url, cause)
  if (certificate) return certificate
  if (name === 'KafkaJSRequestTimeoutError')
    return new TimeoutError(`${doing}: an answer of ${url}`, plan.timeoutMs, { cause })
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION') {
    return new NotConnectedError(url, `${doing} does not exist there; create it, or look at its name`, { cause })
  }
  if (type === 'INVALID_TOPIC_EXCEPTION') return new ProtocolError(`${url}: ${doing} is no valid name`, { cause })
  if (name === 'KafkaJSNotImplemented') return new ProtocolError(`${url}: ${doing}: ${text}; ${CODECS}`, { cause })
  if (isForGood(cause))
    return new ProtocolError(`${url}: ${doing}: ${text}${type === '' ? '' : ` (${type})`}`, { cause })
  const hint = name === 'KafkaJSConnectionClosedError' && !plan.isSecure ? '; if it speaks TLS, use kafkas://' : ''
  return new NotConnectedError(url, `${doing}: ${text}${hint}`, { cause })
}

const ANOTHER = 'another process is the member with this instanceId now; give each process one of its own'
const CODECS = 'register a codec for it: CompressionCodecs of kafkajs, and pass that kafkajs as lib'

/** The first reason: the library wraps an error once for each layer that has tried again. */
function rootOf(error: unknown): KafkaFailure {
  let at = error as KafkaFailure & { readonly errors?: readonly unknown[]; readonly originalError?: unknown }
  for (let depth = 0; depth < 8; depth += 1) {
    const inner = at.errors?.[0] ?? at.cause ?? at.originalError
    if (typeof inner !== 'object' || inner === null || !isWrapper(at)) break
    at = inner
  }
  return at
}

function isWrapper({ name = '', type }: KafkaFailure): boolean {
  return type === undefined && /NumberOfRetries|Aggregate|NonRetriable|KafkaJSError$/.test(name)
}

function certificateCode({ code }: KafkaFailure, text: string): string {
  if (typeof code === 'string' && code !== '') return code
  if (text.includes("does not match certificate's altnames")) return 'ERR_TLS_CERT_ALTNAME_INVALID'
  return SELF_SIGNED[text] ?? ''
}

function plainText(message: string): string {
  return message.replace(/^Connection error: /, '').split('\n')[0] as string
}

/** Whether the broker will answer the same again. */
function isForGood({ name = '', type = '', retriable }: KafkaFailure): boolean {
  if (retriable !== false) return false
  if (/Connection|Broker|Timeout|Coordinator|Metadata/.test(name)) return false
  return type !== '' || /NonRetriable|Unsupported|Invalid/.test(name)
}
