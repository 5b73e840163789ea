import { AuthError, BatchError, isSdkError, NotConnectedError, type SdkError, StorageError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import type { Sink } from '../model/sink.ts'
import type { Duration } from '../model/span.ts'
import { Webhook } from './webhook.ts'

/**
 * Options of {@link webhookSink}.
 *
 * @example
 * ```ts
 * import type { WebhookOptions } from '@messwerk/core/node'
 *
 * const options: WebhookOptions = { url: 'https://alarms.example.com/hook', secret: async () => 'from the vault' }
 * await (options.secret as () => Promise<string>)() // => 'from the vault'
 * ```
 */
export interface WebhookOptions {
  /**
   * Where events are posted, http or https. A user and password in it are sent as basic authorization. Beyond the host
   * it appears in no name, error or log, since paths and queries of webhooks are often secret.
   */
  readonly url: string
  /** Sent with each event; a function is asked at each write, so that tokens can be renewed. Appears in no error or log. */
  readonly secret?: string | (() => string | Promise<string>) | undefined
  /** The header that carries the secret, as it is. @defaultValue 'authorization', as `Bearer <secret>` */
  readonly header?: string | undefined
  /** More headers, the same for each event. Their values appear in no error or log. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How long an answer may take. @defaultValue '10s' */
  readonly timeout?: Duration | undefined
  /** Sends the requests. @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined
}

/**
 * Posts each event as JSON to a URL, one request an event, in order, so that alarms leave the process.
 *
 * The header `idempotency-key` is `<event id>/<phase>` (what is not printable ASCII is percent-encoded): a receiver that
 * knows it has this event already. An answer of 2xx means that the event is kept. 408, 425, 429, 5xx, no answer and no
 * connection are worth another try, which is the outlet's work; 401 and 403 are an AuthError; any other answer, redirects
 * among them, refuses this one event, and the others go on.
 *
 * @throws TypeError, RangeError for wrong options. Writing throws NotConnectedError, TimeoutError, AuthError, StorageError,
 * or BatchError that names the events that are not kept.
 *
 * @example
 * ```ts
 * import { webhookSink } from '@messwerk/core/node'
 *
 * const keys: (string | null)[] = []
 * const fetch = async (_url: unknown, init?: RequestInit) => {
 *   keys.push(new Headers(init?.headers).get('idempotency-key'))
 *   return new Response(null, { status: 204 })
 * }
 * const sink = webhookSink({ url: 'https://alarms.example.com/hook?token=4711', secret: 's3cret', fetch })
 * sink.id // => 'webhook alarms.example.com'
 * const event = {
 *   id: 'pump-1/score/17', kind: 'anomaly', phase: 'begin', stream: 'pump-1', rule: 'score', start: 17,
 *   origin: { split: 'pump-1', position: 1 },
 * } as const
 * await sink.write([event], AbortSignal.timeout(5000))
 * keys // => ['pump-1/score/17/begin']
 * ```
 */
export function webhookSink(options: WebhookOptions): Sink<MeasurementEvent> {
  const hook = new Webhook(options)
  return { id: hook.id, write: (events, signal) => writeAll(hook, events, signal) }
}

async function writeAll(hook: Webhook, events: readonly MeasurementEvent[], signal: AbortSignal): Promise<void> {
  if (events.length === 0) return
  const failed = new Map<number, Error>()
  const headers = await hook.headers()
  for (const [i, event] of events.entries()) {
    const error = await postOne(hook, event, headers, signal)
    if (!error) continue
    failed.set(i, error)
    if (!isOfTheReceiver(error) && !signal.aborted) continue
    if (i === 0) throw error
    // The others would fare alike, and the end of an event must not arrive before its beginning.
    for (let rest = i + 1; rest < events.length; rest += 1) failed.set(rest, error)
    break
  }
  if (failed.size > 0) throw new BatchError(hook.id, failed)
}

async function postOne(
  hook: Webhook,
  event: MeasurementEvent,
  headers: Headers,
  signal: AbortSignal
): Promise<SdkError | undefined> {
  try {
    const response = await hook.post(event, headers, signal)
    return response.ok ? undefined : errorOf(hook, response)
  } catch (error) {
    if (isSdkError(error)) return error
    return new NotConnectedError(hook.origin, hook.whyNot(error), hook.causeOf(error))
  }
}

/** Whether the error says something about the receiver rather than about this event. */
function isOfTheReceiver(error: SdkError): boolean {
  return error.retryable || error.code === 'AUTH_REFUSED'
}

function errorOf({ id, origin }: Webhook, { status, headers }: Response): SdkError {
  if (status === 401 || status === 403) return new AuthError(origin, `it answered ${status}`)
  if (status >= 300 && status < 400) {
    return new StorageError(
      id,
      `it answered ${status}, a redirect, which is not followed; give its address as url`,
      false
    )
  }
  const isRetryable = status === 408 || status === 425 || status === 429 || status >= 500
  const seconds = headers.get('retry-after')
  const after = isRetryable && seconds !== null && /^\d+$/.test(seconds) ? ` and asks to wait ${seconds} s` : ''
  return new StorageError(id, `it answered ${status}${after}`, isRetryable)
}
