import { AuthError, ModelError, NotConnectedError, TimeoutError } from '@messwerk/core/model'
import { importPackage } from './import-package.ts'
import { isNode } from './load-runtime.ts'

/** @internal */
export interface SourceLimits {
  readonly bytes: number
  readonly timeoutMs: number
}

/** Who reads, as in messages: the function that was called, and its option for the bytes. @internal */
export interface SourceReader {
  readonly factory: string
  readonly option: string
}

/** What a model is called in messages. @internal */
export function labelOf(source: string | URL | Uint8Array): string {
  return source instanceof Uint8Array ? `${source.length} bytes` : String(source)
}

/**
 * The bytes of a file (Node), of what an address answers, or those given. In a browser every text is an address, relative to the page.
 *
 * @throws ModelError `missing-file`, `too-large`; NotConnectedError, AuthError, TimeoutError; what `signal` was aborted with
 * @internal
 */
export async function readSource(
  source: string | URL | Uint8Array,
  { bytes: limit, timeoutMs }: SourceLimits,
  by: SourceReader,
  signal?: AbortSignal
): Promise<Uint8Array> {
  const label = labelOf(source)
  const { factory, option } = by
  const tooLarge: TooLarge = (what) => {
    throw new ModelError(
      'too-large',
      `${factory}: ${what} has more than ${limit} bytes: raise ${option} if you trust it`
    )
  }
  if (source instanceof Uint8Array) return source.length > limit ? tooLarge(label) : source
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = signal ? AbortSignal.any([signal, timeout]) : timeout
  const bounds = { limit, factory, tooLarge, signal: either }
  try {
    either.throwIfAborted()
    if (isNode && !/^https?:/i.test(label)) return await readFile(source, label, bounds)
    return await fetched(label, bounds)
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    if (timeout.aborted) throw new TimeoutError(`${factory}: ${label}`, timeoutMs, { cause: error })
    throw error
  }
}

type TooLarge = (what: string) => never

interface Bounds {
  readonly limit: number
  readonly factory: string
  readonly tooLarge: TooLarge
  readonly signal: AbortSignal
}

async function readFile(source: string | URL, label: string, bounds: Bounds): Promise<Uint8Array> {
  const { limit, factory, tooLarge, signal } = bounds
  const fs = await importPackage<typeof import('node:fs/promises')>('node:fs/promises')
  const path = /^file:/i.test(label) ? new URL(label) : source
  try {
    // asked before it is opened: a pipe would wait for a writer
    const { size } = await fs.stat(path).then((of) => (of.isFile() ? of : Promise.reject(new Error('it is no file'))))
    if (size > limit) return tooLarge(label)
    const content = new Uint8Array(await fs.readFile(path, { signal }))
    return content.length > limit ? tooLarge(label) : content
  } catch (cause) {
    if (cause instanceof ModelError || signal.aborted) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new ModelError('missing-file', `${factory}: ${label} cannot be read: ${why}`, { cause })
  }
}

const MOST_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]

async function fetched(address: string, bounds: Bounds): Promise<Uint8Array> {
  let at = address
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await answerOf(at, bounds.signal)
    if (!REDIRECTS.includes(response.status)) return await bodyOf(response, at, bounds)
    await response.body?.cancel()
    at = nextOf(at, response.headers.get('location'))
  }
  throw new NotConnectedError(address, `more than ${MOST_REDIRECTS} redirects`)
}

async function answerOf(address: string, signal: AbortSignal): Promise<Response> {
  try {
    // a browser does not let us see where it is sent, and has a bound of its own
    return await fetch(address, { signal, redirect: isNode ? 'manual' : 'follow' })
  } catch (cause) {
    if (signal.aborted) throw cause
    const { message } = ((cause as Error).cause ?? cause) as Error
    throw new NotConnectedError(address, message, { cause })
  }
}

/** Never from https to less. */
function nextOf(from: string, location: string | null): string {
  const next = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined
  const isAllowed = next?.protocol === 'https:' || (next?.protocol === 'http:' && !/^https:/i.test(from))
  if (next === undefined || !isAllowed)
    throw new NotConnectedError(from, `it redirects to '${String(location).slice(0, 200)}', which is not followed`)
  return next.href
}

async function bodyOf(response: Response, address: string, bounds: Bounds): Promise<Uint8Array> {
  const { limit, factory, tooLarge } = bounds
  const { status, body } = response
  if (response.ok && body !== null) {
    if (!(Number(response.headers.get('content-length') ?? 0) > limit)) return await joined(body, address, bounds)
    await body.cancel()
    return tooLarge(address)
  }
  await body?.cancel()
  if (status === 401 || status === 403) throw new AuthError(address, `status ${status}`)
  if (status === 404 || status === 410)
    throw new ModelError('missing-file', `${factory}: ${address} is not there (status ${status})`)
  throw new NotConnectedError(address, `status ${status}`)
}

async function joined(
  body: ReadableStream<Uint8Array>,
  address: string,
  { limit, tooLarge }: Bounds
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  const reader = body.getReader()
  let length = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length
      if (length > limit) return tooLarge(address)
      parts.push(part.value)
    }
  } catch (cause) {
    if (cause instanceof ModelError || Object(cause).name === 'AbortError' || Object(cause).name === 'TimeoutError')
      throw cause
    throw new NotConnectedError(address, 'the answer broke off', { cause })
  } finally {
    await reader.cancel().catch(() => {})
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
