import { Buffer } from 'node:buffer'
import { AuthError, isSdkError, NotConnectedError, ProtocolError, TimeoutError } from '@messwerk/core/model'
import type { SchemaRegistryOptions } from './schema-registry.ts'

/** @internal */
export interface RequestOptions {
  readonly url: string
  readonly timeoutMs: number
  /** Most bytes of an answer. */
  readonly most: number
  readonly options: SchemaRegistryOptions
}

const JSON_TYPE = 'application/vnd.schemaregistry.v1+json'
const BUSY = new Set([408, 425, 429])

/** Requests to a registry: bounded in time and size, with typed errors. @internal */
export class RegistryRequests {
  readonly #with: RequestOptions

  constructor(options: RequestOptions) {
    this.#with = options
  }

  get url(): string {
    return this.#with.url
  }

  /** What the registry answers; undefined for 404. @throws SdkError */
  async ask(method: string, path: string, body?: unknown): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { url, timeoutMs, options } = this.#with
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const send = options.fetch ?? fetch
      const response = await send(url + path, {
        method,
        signal,
        redirect: 'error',
        headers: await this.#headers(),
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      return await this.#read(response)
    } catch (error) {
      if (isSdkError(error)) throw error
      if (signal.aborted) throw new TimeoutError(`an answer of the schema registry ${url}`, timeoutMs, { cause: error })
      throw new NotConnectedError(url, reasonOf(error), { cause: error })
    }
  }

  async #headers(): Promise<Record<string, string>> {
    const { username, password, token } = this.#with.options
    const headers = { accept: JSON_TYPE, 'content-type': JSON_TYPE }
    if (token) return { ...headers, authorization: `Bearer ${await token()}` }
    if (username === undefined) return headers
    const secret = typeof password === 'function' ? await password() : password
    return { ...headers, authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` }
  }

  async #read(response: Response): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { url } = this.#with
    const { status } = response
    const text = await this.#text(response)
    if (status === 404) return undefined
    if (status === 401 || status === 403) throw new AuthError(url, `status ${status}`)
    if (status >= 500 || BUSY.has(status)) throw new NotConnectedError(url, `status ${status}`)
    if (status !== 200) throw new ProtocolError(`${url}: status ${status}: ${text.slice(0, 200)}`)
    const value = parsed(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
    throw new ProtocolError(`${url}: the answer is not JSON; is it a schema registry?`)
  }

  async #text(response: Response): Promise<string> {
    const { most, url } = this.#with
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body ?? []) {
      length += part.length
      if (length > most) throw new ProtocolError(`${url}: an answer has more than ${most} B, see maxSchema`)
      parts.push(part)
    }
    return Buffer.concat(parts).toString()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as { readonly message?: string; readonly cause?: { readonly message?: string } }
  return cause?.message || message || String(error)
}
