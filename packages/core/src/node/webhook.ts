import { inspect } from 'node:util'
import { AuthError, isSdkError, NotConnectedError, StorageError, TimeoutError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { durationMs } from '../model/span.ts'
import type { WebhookOptions } from './webhook-sink.ts'

// what a header may carry without being changed or refused
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/
// a query such as ?v=1 must not hide every reason with a 1 in it
const SHORTEST_SECRET = 4
const NOT_IN_A_KEY = /[^\x21-\x24\x26-\x7e]/gu

/** The receiver of a webhook: checked options, requests, and what of them must not be told. @internal */
export class Webhook {
  readonly id: string
  /** The URL without what may be secret. */
  readonly origin: string
  readonly #url: URL
  readonly #basic: string | undefined
  readonly #options: WebhookOptions
  readonly #header: string
  readonly #timeoutMs: number
  readonly #secrets = new Set<string>()

  constructor(options: WebhookOptions) {
    const { secret, header = 'authorization', headers = {}, timeout = '10s', fetch } = options
    this.#options = options
    this.#url = urlOf(options.url)
    this.#basic = this.#basicOf(this.#url)
    this.#header = header
    this.origin = this.#url.origin
    this.id = `webhook ${this.#url.host}`
    this.#timeoutMs = durationMs(timeout, 'webhookSink: timeout')
    if (!(this.#timeoutMs > 0)) throw new RangeError(`webhookSink: timeout must be longer than 0, got '${timeout}'`)
    checkHeaders(header, headers)
    if (secret !== undefined && typeof secret !== 'function') checkSecret(secret)
    if (secret !== undefined && this.#basic !== undefined && header.toLowerCase() === 'authorization') {
      throw new TypeError('webhookSink: url must hold no user and password beside secret, or give another header')
    }
    if (fetch !== undefined && typeof fetch !== 'function') {
      throw new TypeError(`webhookSink: fetch must be a function, got ${typeof fetch}`)
    }
    this.#noteSecrets(headers)
  }

  /** The headers of each request of a write, with a fresh secret. */
  async headers(): Promise<Headers> {
    const headers = new Headers(this.#options.headers)
    headers.set('content-type', 'application/json')
    if (this.#basic !== undefined) headers.set('authorization', this.#basic)
    const secret = await this.#secret()
    if (secret === undefined) return headers
    headers.set(this.#header, this.#options.header === undefined ? `Bearer ${secret}` : secret)
    return headers
  }

  /** @throws an error of this SDK, or whatever `fetch` throws */
  async post(event: MeasurementEvent, common: Headers, outer: AbortSignal): Promise<Response> {
    const headers = new Headers(common)
    headers.set('idempotency-key', `${event.id}/${event.phase}`.replace(NOT_IN_A_KEY, percentEncoded))
    const body = this.#jsonOf(event)
    const late = AbortSignal.timeout(this.#timeoutMs)
    const signal = AbortSignal.any([outer, late])
    const { fetch = globalThis.fetch } = this.#options
    try {
      // redirects are not followed: they would carry the secret to another host
      const response = await fetch(this.#url, { method: 'POST', headers, body, signal, redirect: 'manual' })
      response.body?.cancel().catch(() => {})
      return response
    } catch (error) {
      outer.throwIfAborted()
      if (late.aborted) throw new TimeoutError(`the answer of ${this.origin}`, this.#timeoutMs)
      throw error
    }
  }

  /** What an error says, without secrets. */
  whyNot(error: unknown): string {
    const { message, cause } = error as { readonly message?: unknown; readonly cause?: unknown }
    const { code, message: inner } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown }
    const why = [message, code ?? inner].filter((text) => typeof text === 'string' && text !== '').join(', ')
    return this.#leaks(why) ? 'the reason is not shown since it holds a secret' : why
  }

  /** The error as a cause, unless it holds a secret. */
  causeOf(error: unknown): ErrorOptions {
    return this.#leaks(inspect(error, { depth: 8 })) ? {} : { cause: error }
  }

  async #secret(): Promise<string | undefined> {
    const { secret } = this.#options
    if (typeof secret !== 'function') return secret
    let value: unknown
    try {
      value = await secret()
    } catch (error) {
      if (isSdkError(error)) throw error
      throw new NotConnectedError(
        this.origin,
        `its secret could not be had: ${this.whyNot(error)}`,
        this.causeOf(error)
      )
    }
    if (typeof value !== 'string' || !HEADER_VALUE.test(value)) {
      throw new AuthError(this.origin, 'the secret is no text that a header can carry')
    }
    this.#secrets.add(value)
    return value
  }

  #jsonOf(event: MeasurementEvent): string {
    try {
      return JSON.stringify(event)
    } catch (error) {
      const why = `an event cannot be written as JSON (${(error as Error).message})`
      throw new StorageError(this.id, why, false, { cause: error })
    }
  }

  #basicOf(url: URL): string | undefined {
    if (url.username === '' && url.password === '') return undefined
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    const basic = Buffer.from(`${user}:${password}`).toString('base64')
    for (const text of [url.password, password, basic]) this.#secrets.add(text)
    url.username = ''
    url.password = ''
    return `Basic ${basic}`
  }

  #noteSecrets(headers: Readonly<Record<string, string>>): void {
    const { pathname, searchParams, search } = this.#url
    const { secret } = this.#options
    if (typeof secret === 'string') this.#secrets.add(secret)
    for (const text of [pathname, search, ...searchParams.values(), ...Object.values(headers)]) {
      if (text.length >= SHORTEST_SECRET) this.#secrets.add(text)
    }
  }

  #leaks(text: string): boolean {
    for (const secret of this.#secrets) if (secret !== '' && text.includes(secret)) return true
    return false
  }
}

function percentEncoded(character: string): string {
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '%$&')
}

function urlOf(text: unknown): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url
  const got = typeof text === 'string' ? 'another text' : String(text) // not the text: there may be a password in it
  throw new TypeError(`webhookSink: url must be an http or https URL, got ${got}`)
}

function checkSecret(secret: unknown): void {
  if (typeof secret === 'string' && HEADER_VALUE.test(secret)) return
  const got = typeof secret === 'string' ? (secret === '' ? "''" : 'one with other characters') : typeof secret
  throw new TypeError(
    `webhookSink: secret must be text that a header can carry, or a function that gives it, got ${got}`
  )
}

function checkHeaders(header: string, headers: Readonly<Record<string, string>>): void {
  if (typeof header !== 'string' || !HEADER_NAME.test(header)) {
    throw new TypeError(`webhookSink: header must be the name of a header, got ${JSON.stringify(header)}`)
  }
  for (const [name, value] of Object.entries(headers)) {
    if (HEADER_NAME.test(name) && typeof value === 'string' && HEADER_VALUE.test(value)) continue
    throw new TypeError(
      `webhookSink: headers must be texts that headers can carry, got another for ${JSON.stringify(name)}`
    )
  }
}
