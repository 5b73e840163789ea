import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync, zipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { isolationForest, nearestNeighbour, samples } from '../index.ts'
import { binary, bytes, changed, changedManifest, channels, json, normal, options, reasonOf } from './fixtures/pump.ts'
import { serve } from './fixtures/serve.ts'
import { loadModel, saveModel } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-models-'))
const path = join(folder, 'pump.mwz')
writeFileSync(path, bytes)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what is wrong with a file', () => {
  const foreign = 'a.mwz'
  it.each<[string, () => Promise<Uint8Array>, RegExp]>([
    ['no zip', async () => binary('PK'), /^malformed: .*graph: \{ channels, score \}/],
    [
      'cut off',
      async () => bytes.subarray(0, bytes.length - 9),
      /^malformed: .* is not a whole zip archive: was it cut off\?/
    ],
    ['a flipped bit', async () => bytes.map((b, i) => (i === 300 ? b ^ 4 : b)), /^malformed: /],
    ['no manifest', async () => zipSync({ [foreign]: binary(1) }), /^missing-file: .* holds no manifest.json/],
    [
      'a newer schema',
      () => changedManifest((m) => Object.assign(m, { schema: 2 })),
      /^schema: .*schema 2 is newer than 1: update @messwerk\/detectors/
    ],
    [
      'a file more',
      () => changed((files) => Object.assign(files, { 'b.txt': binary(1) })),
      /^malformed: .* holds 'b.txt', which its manifest does not name/
    ],
    ['a file less', () => changed((files) => delete files['model.json']), /^missing-file: .* holds no 'model.json'/],
    [
      'another digest',
      async () => {
        const files = unzipSync(bytes)
        files['model.json'] = files['model.json']!.map((b, i) => (i === 9 ? b ^ 1 : b))
        return zipSync(files)
      },
      /^hash: .*model.json is not the file that the manifest names/
    ],
    [
      'a manifest that is no JSON',
      () => changed((files) => Object.assign(files, { 'manifest.json': binary({ files: {} }) })),
      /^schema: .*schema must be a whole number/
    ],
    [
      'weights that are no text',
      () => changed((files) => Object.assign(files, { 'model.json': Uint8Array.of(0xff) })),
      /^malformed: .*model.json is no text/
    ],
    [
      'weights that are no JSON',
      () => changed((files) => Object.assign(files, { 'model.json': Uint8Array.of(0x7b) })),
      /^malformed: .*model.json holds no detector/
    ],
    [
      'a detector that is not known',
      () =>
        changed((files) =>
          Object.assign(files, { 'model.json': binary({ recipe: { factory: 'constructor', options: {} } }) })
        ),
      /^malformed: .*holds a detector 'constructor', which is not known here/
    ],
    [
      'a scaler of other channels',
      () =>
        changedManifest((m) =>
          Object.assign(m, { scaler: { kind: 'standard', channels: ['a'], mean: [0], scale: [1] } })
        ),
      /^schema: .*scaler: channels must be the channels of the model/
    ],
    [
      'a graph without a score',
      () => changedManifest((m) => Object.assign(m, { kind: 'onnx' })),
      /^missing-file: .* holds no model.onnx/
    ],
    [
      'a proof without scores',
      () =>
        changed((files) =>
          Object.assign(files, { 'proof.json': binary({ rows: [[1, 2]], scores: [null], tolerance: 0 }) })
        ),
      /^schema: .*scores must be a list with a score/
    ]
  ])('%s', async (_, make, message) => {
    expect(await reasonOf(loadModel(await make()))).toMatch(message)
  })

  it.each([
    ['../a', 'a plain way out'],
    ['/etc/passwd', 'from the root'],
    ['a\\..\\b', 'with backslashes'],
    ['a/b', 'in a folder'],
    ['C:a', 'on a drive'],
    ['.hidden', 'hidden'],
    ['a\0b', 'with a zero byte']
  ])('a name such as %j', async (name) => {
    const bundle = zipSync({ ...unzipSync(bytes), [name]: binary(1) })
    expect(await reasonOf(loadModel(bundle))).toMatch(/^malformed: .*only plain names, without folders/)
  })

  it('a link, a file twice, encryption', async () => {
    const linked = zipSync({ ...unzipSync(bytes), link: [binary('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] })
    expect(await reasonOf(loadModel(linked))).toMatch(/^malformed: .*holds 'link', which is a link or no file/)
    const twice = zipSync({ ...unzipSync(bytes), 'model.jsom': binary(1) })
    const text = Buffer.from(twice)
    for (let at = text.indexOf('model.jsom'); at >= 0; at = text.indexOf('model.jsom')) text.write('model.json', at)
    expect(await reasonOf(loadModel(new Uint8Array(text)))).toMatch(/^malformed: .*holds 'model.json' twice/)
    const secret = bytes.slice()
    secret[6]! |= 1
    secret[Buffer.from(secret).indexOf('PK\x01\x02') + 8]! |= 1
    expect(await reasonOf(loadModel(secret))).toMatch(/^malformed: .*encrypted/)
  })

  it('another file than the expected one, wrong options', async () => {
    expect(await reasonOf(loadModel(path, { expect: `sha256:${'0'.repeat(64)}` }))).toMatch(/^hash: .* is another file/)
    await expect(loadModel(path, { expect: 'x' })).rejects.toThrow(RangeError)
    await expect(loadModel(3 as never)).rejects.toThrow(TypeError)
    await expect(loadModel(path, { limits: { ratio: 0 } })).rejects.toThrow(
      /limits.ratio must be a number of at least 1/
    )
    await expect(loadModel(path, { limits: { timeout: '3m' as '3s' } })).rejects.toThrow(/loadModel: limits.timeout/)
  })

  it('a proof that is not kept, with the channels that seem to be swapped', async () => {
    const swapped = await changedManifest((m) => Object.assign(m, { channels: channels.toReversed() }))
    const message = await reasonOf(loadModel(swapped))
    expect(message).toMatch(
      /^malformed: .*cannot score the rows of its proof: .*must have the channels pressure, current/
    )
    const lied = await changed((files) => {
      const proof = json(files['proof.json']!)
      files['proof.json'] = binary({ ...proof, rows: proof.rows.map((row: number[]) => row.toReversed()) })
    })
    expect(await reasonOf(loadModel(lied))).toMatch(
      /^proof: .*row 0 scores .* here, .* where it was made \(tolerance 1e-9\); 64 of 64 rows differ: are channels swapped\? exchanging 'pressure' and 'current' gives/
    )
    const off = await changed((files) => {
      const proof = json(files['proof.json']!)
      proof.scores[17] += 1
      files['proof.json'] = binary(proof)
    })
    expect(await reasonOf(loadModel(off))).toMatch(/row 17 scores .*; 1 of 64 rows differ$/)
  })
})

describe('bounds', () => {
  it('of bytes, parts, unpacked bytes and ratio', async () => {
    const refused = async (limits: object, from: Uint8Array | string = bytes) => reasonOf(loadModel(from, { limits }))
    expect(await refused({ bytes: '1KiB' })).toMatch(/^too-large: .*has more than 1024 bytes: raise limits.bytes/)
    expect(await refused({ bytes: '1KiB' }, path)).toMatch(/^too-large/)
    expect(await refused({ entries: 2 })).toMatch(/^too-large: .*holds 3 files, more than 2/)
    expect(await refused({ unpacked: '1KiB' })).toMatch(/^too-large: .*unpacks to more than 1024 bytes/)
    const bomb = zipSync({ 'manifest.json': new Uint8Array(2 ** 22) })
    expect(await refused({}, bomb)).toMatch(/^too-large: .*'manifest.json', \d+ bytes that unpack to 4194304/)
  })

  it('a bomb that lies about its size is stopped', async () => {
    const bomb = zipSync({ 'manifest.json': new Uint8Array(2 ** 24) })
    const at = Buffer.from(bomb).lastIndexOf('PK\x01\x02')
    new DataView(bomb.buffer).setUint32(at + 24, 1000, true)
    expect(await reasonOf(loadModel(bomb))).toMatch(/^malformed: .*unpacks to more than the 1000 bytes that it says/)
  })

  it.each([
    ['as they are', ''],
    ['behind others that count less than none', '"less":{"grown":-1e300,"rowsEach":1},'],
    ['beside what is no number', '"none":{"grown":"$NaN","rowsEach":1},']
  ])('of trees that few bytes ask for, %s', async (_, before) => {
    const forest = isolationForest({ trees: 3, sample: 16 }).create(channels)
    forest.fit(normal)
    const hostile = await changed(
      (files) => {
        const text = new TextDecoder().decode(files['model.json'])
        files['model.json'] = new TextEncoder().encode(text.replace('"rowsEach":16', `${before}"rowsEach":1073741824`))
      },
      await saveModel(forest, options)
    )
    expect(await reasonOf(loadModel(hostile))).toMatch(/^too-large: .*trees that would take more than 8388608 entries/)
  })

  it('what packs too well is stored, so that it loads again', async () => {
    const flat = nearestNeighbour({ reference: 4096 }).create(channels)
    flat.fit(samples({ pressure: new Float64Array(4096), current: new Float64Array(4096) }))
    expect((await loadModel(await saveModel(flat, { ...options, sampleRows: normal }))).proven).toBe(true)
  })

  it('of what a server sends', async () => {
    const tooLong = await serve((_, response) => response.writeHead(200, { 'content-length': 2 ** 31 }).flushHeaders())
    expect(await reasonOf(loadModel(tooLong))).toMatch(/^too-large/)
    const endless = await serve((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(new Uint8Array(65536)));
      }
      response.on('drain', more)
      more()
    })
    expect(await reasonOf(loadModel(endless, { limits: { bytes: '1MiB' } }))).toMatch(/^too-large/)
    const silent = await serve(() => {})
    await expect(loadModel(silent, { limits: { timeout: '20ms' } })).rejects.toMatchObject({ code: 'TIMED_OUT' })
    const stop = new AbortController()
    const given = loadModel(silent, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
  })

  it('of redirects, and says what a server answers', async () => {
    const at = await serve((request, response) => {
      if (request.url === '/pump.mwz') response.writeHead(302, { location: '/there' }).end()
      else response.end(bytes)
    })
    expect((await loadModel(at)).proven).toBe(true)
    const round = await serve((_, response) => response.writeHead(302, { location: '/pump.mwz' }).end())
    await expect(loadModel(round)).rejects.toThrow(/more than 5 redirects/)
    const out = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end())
    await expect(loadModel(out)).rejects.toThrow(/redirects to 'file:\/\/\/etc\/passwd', which is not followed/)
    const answering = (status: number) => serve((_, response) => response.writeHead(status).end())
    expect(await reasonOf(loadModel(await answering(404)))).toMatch(/^missing-file: .*status 404/)
    await expect(loadModel(await answering(401))).rejects.toMatchObject({ code: 'AUTH_REFUSED' })
    await expect(loadModel(await answering(503))).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 100), () => response.destroy())
    })
    await expect(loadModel(broken)).rejects.toMatchObject({ code: 'NOT_CONNECTED' })
  })

  it('a path that leads nowhere, or to no file', async () => {
    expect(await reasonOf(loadModel(join(folder, 'none.mwz')))).toMatch(
      /^missing-file: .*none.mwz cannot be read: ENOENT/
    )
    expect(await reasonOf(loadModel(folder))).toMatch(/^missing-file: .*it is no file/)
  })
})
