import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { externalFiles, externalNames } from './external-files.ts'
import { fileOf, fixtureOf } from './fixtures/python-models.ts'
import { sums } from './fixtures/tiny-models.ts'
import { onnxDetector } from './onnx-detector.ts'
import { readModelFile } from './read-model-file.ts'

const PLAIN = 'autoencoder-external.onnx.data'
const folder = mkdtempSync(join(tmpdir(), 'messwerk-onnx-'))
const file = join(folder, 'a b.onnx')
const asked: (string | undefined)[] = []
const server: Server = createServer(({ url = '' }, response) => {
  asked.push(url)
  const status = Number(/^\/status\/(\d+)/.exec(url)?.[1] ?? 200)
  if (url === '/round') return void response.writeHead(302, { location: '/round' }).end()
  if (url === '/away') return void response.writeHead(302, { location: '/model' }).end()
  if (url === '/out') return void response.writeHead(302, { location: 'file:///etc/passwd' }).end()
  response.writeHead(status)
  if (url === '/endless') return void endless(() => response.write(Buffer.alloc(65_536)))
  if (url === '/silent') return
  response.end(Buffer.from([1, 2, 3, 4]))
})
let base = ''

/** Until the one who reads goes away. */
function endless(write: () => boolean): void {
  const timer = setInterval(write, 1)
  server.once('closing', () => clearInterval(timer))
}

beforeAll(async () => {
  writeFileSync(file, Uint8Array.of(1, 2, 3, 4))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server.emit('closing')
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

describe('files', () => {
  it('are read by path and by address', async () => {
    expect(await readModelFile(file, 4)).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(await readModelFile(pathToFileURL(file), 4)).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(await readModelFile(pathToFileURL(file).href, 4)).toEqual(Uint8Array.of(1, 2, 3, 4))
  })

  it('are refused where they are too large, or not there', async () => {
    await expect(readModelFile(file, 3)).rejects.toMatchObject({ code: 'MODEL', reason: 'too-large' })
    await expect(readModelFile(`${file}x`, 4)).rejects.toMatchObject({ code: 'MODEL', reason: 'missing-file' })
    await expect(readModelFile(folder, 2 ** 30)).rejects.toMatchObject({ reason: 'missing-file' })
  })
})

describe('addresses', () => {
  it('are fetched, up to the limit', async () => {
    expect(await readModelFile(`${base}/model`, 4)).toEqual(Uint8Array.of(1, 2, 3, 4))
    await expect(readModelFile(`${base}/model`, 3)).rejects.toMatchObject({ reason: 'too-large' })
    await expect(readModelFile(new URL(`${base}/endless`), 200_000)).rejects.toMatchObject({ reason: 'too-large' })
  })

  it.each([
    [404, { code: 'MODEL', reason: 'missing-file' }],
    [410, { code: 'MODEL', reason: 'missing-file' }],
    [401, { code: 'AUTH_REFUSED' }],
    [403, { code: 'AUTH_REFUSED' }],
    [503, { code: 'NOT_CONNECTED', retryable: true }]
  ])('status %i is an error of its own', async (status, error) => {
    await expect(readModelFile(`${base}/status/${status}`, 4)).rejects.toMatchObject(error)
  })

  it('follows few redirects, and none out of the net', async () => {
    expect(await readModelFile(`${base}/away`, 4)).toEqual(Uint8Array.of(1, 2, 3, 4))
    await expect(readModelFile(`${base}/round`, 4)).rejects.toThrow('more than 5 redirects')
    await expect(readModelFile(`${base}/out`, 4)).rejects.toThrow("redirects to 'file:///etc/passwd', which is not")
  })

  it('messages name the function and its option', async () => {
    await expect(readModelFile(file, 3)).rejects.toThrow(/^onnxDetector: .* more than 3 bytes: raise maxBytes/)
    await expect(readModelFile(`${file}x`, 4)).rejects.toThrow(/^onnxDetector: .* cannot be read: /)
  })

  it('nobody there is a lost connection', async () => {
    await expect(readModelFile('http://127.0.0.1:1/model', 4)).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
  })

  it('a fetch ends with its signal', async () => {
    const stop = new AbortController()
    const reading = readModelFile(`${base}/silent`, 4, stop.signal)
    while (!asked.includes('/silent')) await new Promise((resolve) => setImmediate(resolve))
    stop.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})

describe('files with weights', () => {
  const { path } = fixtureOf('autoencoder-external')
  const from = { given: {}, beside: undefined, limit: 2 ** 20, signal: new AbortController().signal }

  it('are those that the model names', async () => {
    expect(externalNames(await readModelFile(path, 2 ** 20), 'm')).toEqual(['autoencoder-external.onnx.data'])
    expect(externalNames(await readModelFile(fileOf('forest.onnx'), 2 ** 20), 'm')).toEqual([])
    expect(externalNames(sums(['N', 3]), 'm')).toEqual([])
  })

  it('lie beside the model, also behind an address', async () => {
    const model = await readModelFile(path, 2 ** 20)
    const [found] = await externalFiles(model, 'm', { ...from, beside: `${base}/models/a.onnx?key=/1#x` })
    expect(found).toEqual({ path: 'autoencoder-external.onnx.data', data: Uint8Array.of(1, 2, 3, 4) })
    expect(asked.at(-1)).toBe('/models/autoencoder-external.onnx.data')
  })

  it.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\secret', 'http://a/b', 'a%2f..'])(
    'that lead elsewhere are refused: %s',
    async (start) => {
      const name = start.padEnd(PLAIN.length, '_')
      const model = renamed(await readModelFile(path, 2 ** 20), name)
      const refused = { reason: 'malformed', message: expect.stringContaining('as a file beside it') }
      await expect(externalFiles(model, 'm', { ...from, beside: path })).rejects.toMatchObject(refused)
      // Whoever gives the bytes has said so.
      const given = { [name]: Uint8Array.of(1) }
      expect(await externalFiles(model, 'm', { ...from, given })).toEqual([{ path: name, data: Uint8Array.of(1) }])
    }
  )

  it('count to the limit, with the model', async () => {
    const score = 'reconstruction'
    const channels = Array.from({ length: 8 }, (_, c) => ({ name: `c${c}`, unit: '1' }))
    const detector = onnxDetector({ path, score, maxBytes: '3KiB' }).create(channels)
    await expect(detector.open?.()).rejects.toMatchObject({ reason: 'too-large' })
    await detector.close?.()
  })
})

/** The model with another name of the same length for its file. */
function renamed(model: Uint8Array, name: string): Uint8Array {
  const text = Buffer.from(model).toString('latin1')
  return new Uint8Array(Buffer.from(text.replaceAll(PLAIN, name), 'latin1'))
}
