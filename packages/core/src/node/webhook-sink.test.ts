import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventOperator, pipeline, type StartOptions } from '../index.ts'
import { BatchError, type DeadLetter, type MeasurementEvent } from '../model/index.ts'
import { counted, listed } from '../pipeline/fixtures/test-doubles.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { type WebhookOptions, webhookSink } from './webhook-sink.ts'

interface Request {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly event: MeasurementEvent
}

type Answer = (response: ServerResponse, request: Request) => void

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('<html>what the server says is not shown: pässword</html>')
const never: Answer = () => {}
const cut: Answer = (response) => void response.socket?.destroy()
const byId =
  (answers: Readonly<Record<string, Answer>>): Answer =>
  (response, request) =>
    (answers[request.event.id] ?? status(204))(response, request)

let server: Server
let url: string
let requests: Request[]
/** What the server does, in order; after the last it goes on like that. */
let answers: Answer[]

beforeEach(async () => {
  requests = []
  answers = [status(204)]
  server = createServer((incoming, response) => void receive(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
})

async function receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method, url: path, headers } = incoming
  const request = { method, url: path, headers, event: JSON.parse(Buffer.concat(chunks).toString()) }
  requests.push(request)
  const answer = answers.length > 1 ? answers.shift() : answers[0]
  answer?.(response, request)
}

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function event(id: string, phase: MeasurementEvent['phase'] = 'begin'): MeasurementEvent {
  return { id, kind: 'anomaly', phase, stream: 's', rule: 'score', start: 17, origin: { split: 's', position: 1 } }
}

async function write(
  events: readonly MeasurementEvent[],
  options: Partial<WebhookOptions> = {},
  signal = new AbortController().signal
): Promise<unknown> {
  return webhookSink({ url, ...options })
    .write(events, signal)
    .then(() => undefined)
    .catch((error: unknown) => error)
}

const ids = (): string[] => requests.map(({ event: { id, phase } }) => `${id} ${phase}`)

describe('a request', () => {
  it('is a POST of the event as JSON with an idempotency key', async () => {
    const one = event('pump-1/score/17', 'end')
    expect(await write([one], { url: `${url}?token=4711` })).toBeUndefined()
    expect(requests.length).toBe(1)
    const { method, url: path, headers, event: sent } = requests[0] as Request
    expect([method, path, sent]).toEqual(['POST', '/hook?token=4711', one])
    expect(headers['content-type']).toBe('application/json')
    expect(headers['idempotency-key']).toBe('pump-1/score/17/end')
    expect(headers.authorization).toBeUndefined()
  })

  it('has a key of printable ASCII, one for each event and phase', async () => {
    await write([event('泵 1%\n'), event('泵 1%25\n'), event('\ud800')])
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys).toEqual(['%E6%B3%B5%201%25%0A/begin', '%E6%B3%B5%201%2525%0A/begin', '%EF%BF%BD/begin'])
  })

  it('carries the secret as a bearer token, or as it is in a header of its own', async () => {
    await write([event('a')], { secret: 's3cret' })
    await write([event('b')], { secret: 's3cret', header: 'X-Api-Key' })
    await write([event('c')], { secret: 'Token s3cret', header: 'authorization', headers: { 'x-plant': 'north' } })
    const [a, b, c] = requests.map(({ headers }) => headers)
    expect([a?.authorization, b?.['x-api-key'], c?.authorization]).toEqual(['Bearer s3cret', 's3cret', 'Token s3cret'])
    expect(b?.authorization).toBeUndefined()
    expect(c?.['x-plant']).toBe('north')
  })

  it('carries a fresh secret at each write', async () => {
    let asked = 0
    const sink = webhookSink({ url, secret: async () => `token-${++asked}` })
    const signal = new AbortController().signal
    await sink.write([event('a'), event('b')], signal)
    await sink.write([event('c')], signal)
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2'
    ])
  })

  it('carries user and password of the URL as basic authorization', async () => {
    await write([event('a')], { url: url.replace('//', '//user:p%40ss@') })
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`)
  })

  it('is sent in order, one at a time; a write of nothing sends none', async () => {
    let open = 0
    let most = 0
    answers = [
      (response) => {
        open += 1
        most = Math.max(most, open)
        setTimeout(() => {
          open -= 1
          response.writeHead(200).end()
        }, 2)
      }
    ]
    expect(await write([])).toBeUndefined()
    await write([event('a'), event('b'), event('a', 'end')])
    expect([ids(), most]).toEqual([['a begin', 'b begin', 'a end'], 1])
  })
})

describe('an answer', () => {
  it.each([200, 201, 202, 204])('%i means kept', async (code) => {
    answers = [status(code)]
    expect(await write([event('a')])).toBeUndefined()
  })

  it.each([408, 425, 429, 500, 502, 503, 504])('%i is worth another try', async (code) => {
    answers = [status(code)]
    expect(await write([event('a')])).toMatchObject({ code: 'STORAGE_FAILED', retryable: true })
  })

  it('tells how long the receiver asks to wait', async () => {
    answers = [status(429, { 'retry-after': '120' })]
    expect(String(await write([event('a')]))).toContain('it answered 429 and asks to wait 120 s')
    answers = [status(429, { 'retry-after': 'Fri, 07 Nov 2036 23:59:59 GMT' })]
    expect(String(await write([event('a')]))).toMatch(/it answered 429$/)
  })

  it.each([401, 403])('%i is an AuthError', async (code) => {
    answers = [status(code)]
    expect(await write([event('a')])).toMatchObject({ code: 'AUTH_REFUSED', retryable: false })
  })

  it.each([400, 404, 409, 413, 422, 301, 307])('%i refuses this one event', async (code) => {
    answers = [byId({ b: status(code, { location: `${url}/elsewhere` }) })]
    const error = await write([event('a'), event('b'), event('c')])
    expect(error).toBeInstanceOf(BatchError)
    const { failed } = error as BatchError
    expect([...failed.keys()]).toEqual([1])
    expect(failed.get(1)).toMatchObject({ code: 'STORAGE_FAILED', retryable: false })
    expect(failed.get(1)?.message).toContain(String(code))
    expect(ids()).toEqual(['a begin', 'b begin', 'c begin'])
  })

  it('that is worth another try leaves the later ones for then', async () => {
    answers = [byId({ a: status(422), c: status(503) })]
    const error = (await write([event('a'), event('b'), event('c'), event('d')])) as BatchError
    expect([...error.failed].map(([i, { message }]) => [i, /answered (\d+)/.exec(message)?.[1]])).toEqual([
      [0, '422'],
      [2, '503'],
      [3, '503']
    ])
    expect(ids()).toEqual(['a begin', 'b begin', 'c begin'])
  })

  it('that never ends counts by its status', async () => {
    answers = [(response) => void response.writeHead(200).write('and so on')]
    expect(await write([event('a')])).toBeUndefined()
  })
})

describe('without an answer', () => {
  it('it waits for as long as it may', async () => {
    answers = [never]
    const error = await write([event('a')], { timeout: '50ms' })
    expect(error).toMatchObject({ code: 'TIMED_OUT', retryable: true })
    expect(String(error)).toContain('the answer of http://127.0.0.1')
  })

  it('it ends when the signal aborts, with its reason', async () => {
    answers = [never]
    const stop = new AbortController()
    const written = write([event('a'), event('b')], {}, stop.signal)
    setTimeout(() => stop.abort(new BatchError('stand-in', new Map())), 20)
    expect(await written).toBe(stop.signal.reason)
    expect(ids()).toEqual(['a begin'])
  })

  it('a cut connection is worth another try', async () => {
    answers = [cut]
    expect(await write([event('a')])).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  })

  it('so is a refused one, and it says so', async () => {
    const error = await write([event('a')], { url: 'http://127.0.0.1:9/hook' }) // the port of discard: nobody is there
    expect(error).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    const closed = await write([event('a')], { url: await closedPort() })
    expect(String(closed)).toContain('ECONNREFUSED')
    expect((closed as Error).cause).toBeInstanceOf(Error)
  })
})

async function closedPort(): Promise<string> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await new Promise((resolve) => other.close(resolve))
  return `http://127.0.0.1:${port}/hook`
}

it('refuses an event that is no JSON, alone', async () => {
  const odd = { ...event('b'), data: 10n }
  const error = (await write([event('a'), odd, event('c')])) as BatchError
  expect([...error.failed.keys()]).toEqual([1])
  expect(error.failed.get(1)?.message).toContain('cannot be written as JSON')
  expect(ids()).toEqual(['a begin', 'c begin'])
})

describe('credentials', () => {
  const secrets = ['hunter2', 'tok-4711', 'path-secret', 's3cret-bearer', 'k3y-in-header', 'us3r']
  const parts = { secret: 's3cret-bearer', header: 'x-key', headers: { 'x-more': 'k3y-in-header' } }
  const secretUrl = (base: string): string => `${base.replace('//', '//us3r:hunter2@')}/path-secret?token=tok-4711`
  const encoded = Buffer.from('us3r:hunter2').toString('base64')

  function clean(text: string): void {
    for (const secret of [...secrets, encoded]) expect(text).not.toContain(secret)
  }

  it.each([
    ['cut', cut],
    ['refused', status(401)],
    ['forbidden', status(403)],
    ['away', status(503)],
    ['bad request', status(400)],
    ['redirect', status(302, { location: 'http://127.0.0.1/path-secret?token=tok-4711' })],
    ['silence', never]
  ])('appear in no name or error: %s', async (_, answer) => {
    answers = [answer]
    const error = await write([event('a')], { url: secretUrl(url), ...parts, timeout: '50ms' })
    expect(requests[0]?.headers.authorization).toBe(`Basic ${encoded}`)
    expect(requests[0]?.headers['x-key']).toBe('s3cret-bearer')
    expect(error).toBeInstanceOf(Error)
    clean(inspect(error, { depth: 20 }))
    clean(webhookSink({ url: secretUrl(url), ...parts }).id as string)
  })

  it('appear in no error when fetch tells them', async () => {
    const fetch = async (input: unknown, init: unknown): Promise<Response> => {
      throw Object.assign(new TypeError(`cannot fetch ${input} ${inspect(init)}`), { request: init })
    }
    const error = await write([event('a')], { url: secretUrl(url), ...parts, fetch: fetch as typeof globalThis.fetch })
    expect(error).toMatchObject({ code: 'NOT_CONNECTED' })
    clean(inspect(error, { depth: 20 }))
    const quiet = async (): Promise<Response> => {
      throw Object.assign(new TypeError('failed'), { request: { token: 's3cret-bearer' } })
    }
    const other = await write([event('a')], { url: secretUrl(url), ...parts, fetch: quiet as typeof globalThis.fetch })
    expect(String(other)).toContain('failed')
    clean(inspect(other, { depth: 20 }))
  })

  it('appear in no error about the options', () => {
    const wrong: Partial<WebhookOptions>[] = [
      { url: 'ftp://us3r:hunter2@127.0.0.1/path-secret' },
      { url: 'us3r:hunter2@path-secret' },
      { url, secret: 's3cret-bearer\n' },
      { url: secretUrl(url), secret: 's3cret-bearer' },
      { url, headers: { 'x-more': 'k3y-in-header\n' } }
    ]
    for (const options of wrong) {
      let error: unknown
      try {
        webhookSink(options as WebhookOptions)
      } catch (cause) {
        error = cause
      }
      expect(error).toBeInstanceOf(TypeError)
      clean(inspect(error))
    }
  })

  it('that cannot be had are worth another try; those that no header can carry are not', async () => {
    const gone = await write([event('a')], {
      secret: () => {
        throw new Error('the vault is sealed')
      }
    })
    expect(gone).toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    expect(String(gone)).toContain('the vault is sealed')
    const odd = await write([event('a')], { secret: () => 's3cret-bearer\r\nx-evil: 1' })
    expect(odd).toMatchObject({ code: 'AUTH_REFUSED' })
    clean(inspect(odd))
    expect(requests).toEqual([])
  })
})

describe('in a pipeline', () => {
  const each = eventOperator({
    id: 'each',
    kernel: () => ({ process: ({ origin: { position } }) => [event(`e${position}`), event(`e${position}`, 'end')] })
  })
  const all = [0, 1, 2].flatMap((i) => [`e${i} begin`, `e${i} end`])

  async function runTo(options: Partial<WebhookOptions>, start: StartOptions = {}): Promise<string[]> {
    const lines: string[] = []
    const note = (message: string, error?: unknown): unknown => lines.push(message, inspect(error, { depth: 20 }))
    const source = listed(counted(3))
    await pipeline('p')
      .from(source)
      .events(each, webhookSink({ url, ...options }), { retry: { first: '2ms', most: '20ms' }, batch: { age: '1ms' } })
      .start({ ...start, log: { info: note, warn: note, error: note } }).done
    expect(source.commits.at(-1)).toEqual({ split: 2 })
    return lines
  }

  it('every event arrives, in order, through errors, cuts and silence', async () => {
    const kept: string[] = []
    const keep: Answer = (response, { event: { id, phase } }) => {
      kept.push(`${id} ${phase}`)
      response.writeHead(200).end()
    }
    answers = [status(500), keep, cut, never, status(429), keep]
    await runTo({ timeout: '100ms' })
    expect(kept).toEqual(all)
  })

  it('an event that is refused goes to the dead letters, the others arrive', async () => {
    const deadLetters = recordingSink<DeadLetter>()
    answers = [byId({ e1: status(422) })]
    await runTo({}, { deadLetters })
    expect(ids().filter((id) => !id.startsWith('e1'))).toEqual(all.filter((id) => !id.startsWith('e1')))
    expect(deadLetters.items.map(({ from, event: of, error }) => [from, of?.id, of?.phase, error.code])).toEqual([
      [`webhook ${new URL(url).host}`, 'e1', 'begin', 'STORAGE_FAILED'],
      [`webhook ${new URL(url).host}`, 'e1', 'end', 'STORAGE_FAILED']
    ])
  })

  it('refused credentials end the run, and nothing tells them', async () => {
    answers = [status(401)]
    const error = await runTo({ secret: 's3cret-bearer' }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'AUTH_REFUSED' })
    expect(inspect(error, { depth: 20 })).not.toContain('s3cret-bearer')
  })

  it('logs hold no credentials', async () => {
    answers = [status(503), status(422)]
    const options = { url: `${url}?token=tok-4711`, secret: 's3cret-bearer' }
    const lines = await runTo(options, { deadLetters: recordingSink<DeadLetter>() })
    expect(lines.join('\n')).not.toMatch(/tok-4711|s3cret-bearer|hook\?/)
  })
})

it.each([
  [{ url: 'alarms.example.com' }, 'webhookSink: url must be an http or https URL, got another text'],
  [{ url: 'ftp://a/b' }, 'webhookSink: url must be an http or https URL, got another text'],
  [{ url: undefined }, 'webhookSink: url must be an http or https URL, got undefined'],
  [{ secret: '' }, "webhookSink: secret must be text that a header can carry, or a function that gives it, got ''"],
  [{ secret: 4 }, 'webhookSink: secret must be text that a header can carry, or a function that gives it, got number'],
  [{ header: 'x key' }, 'webhookSink: header must be the name of a header, got "x key"'],
  [{ headers: { a: 4 } }, 'webhookSink: headers must be texts that headers can carry, got another for "a"'],
  [{ timeout: '0s' }, "webhookSink: timeout must be longer than 0, got '0s'"],
  [{ timeout: 5 }, 'webhookSink: timeout must be a span of time'],
  [{ fetch: 'fetch' }, 'webhookSink: fetch must be a function, got string'],
  [
    { url: 'http://u:p@a/', secret: 'x' },
    'webhookSink: url must hold no user and password beside secret, or give another header'
  ]
])('refuses %j', (options, message) => {
  expect(() => webhookSink({ url, ...options } as never)).toThrow(message)
})
