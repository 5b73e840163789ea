import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DetectorSpec, limits, type Scaler } from '@messwerk/core/model'
import { unzipSync } from 'fflate'
import { afterAll, describe, expect, it } from 'vitest'
import { sha256 } from '../bundle/sha-256.ts'
import { ewmaChart, nearestNeighbour, robustZ, samples } from '../index.ts'
import { bytes, channels, detector, json, normal, options, wave } from './fixtures/pump.ts'
import { serve } from './fixtures/serve.ts'
import { loadModel, saveModel, scaled, standardScaler } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-models-'))
const path = join(folder, 'pump.mwz')
writeFileSync(path, bytes)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('loadModel', () => {
  it('gives a spec of detectors that are ready, with all that the manifest says', async () => {
    const model = await loadModel(bytes)
    const { manifest } = model
    expect(model).toMatchObject({
      way: 'native',
      wayReason: 'a detector of this package',
      proven: true,
      channels: ['pressure', 'current']
    })
    expect(model.kind).toBe('model of nearest-neighbour')
    expect(model.model).toEqual({ name: 'pump', version: 3, hash: `sha256:${await sha256(bytes)}` })
    expect(model.threshold?.kind).toBe(limits(options.threshold).kind)
    const { name, threshold, training, metrics, licence } = options
    expect(manifest).toMatchObject({
      schema: 1,
      kind: 'native',
      name,
      version: 3,
      channels,
      threshold,
      training,
      metrics,
      licence
    })
    expect(manifest?.created).toBe('2026-01-31T00:00:00.000Z')
    const made = (model as DetectorSpec).create(channels)
    expect(made.ready).toBe(true)
    expect(made.score(normal)).toEqual(detector.score(normal))
  })

  it('reads from a path, a file address, an http address, bytes', async () => {
    const address = await serve((_, response) => response.end(bytes))
    const { hash } = (await loadModel(bytes)).model
    for (const source of [path, pathToFileURL(path), pathToFileURL(path).href, address, new URL(address)])
      expect((await loadModel(source, { expect: hash })).model.hash).toBe(hash)
  })

  it('takes channels by name, and refuses what is missing or in another unit', async () => {
    const model = (await loadModel(bytes)) as DetectorSpec
    const turned = model.create([channels[1]!, { name: 'label', unit: '1' }, channels[0]!])
    const column = (c: number) => normal.values.slice(300 * c, 300 * (c + 1))
    const given = samples({ current: column(1), label: new Float64Array(300), pressure: column(0) })
    expect(turned.score(given)).toEqual(detector.score(normal))
    const shares = detector.explain(normal, 7)
    expect(turned.explain(given, 7)).toEqual(Float64Array.of(shares[1]!, 0, shares[0]!))
    expect(() => model.create([channels[0]!])).toThrow(
      "model 'pump', version 3: there is no channel 'current'; there are: pressure"
    )
    const inUnit = (unit: string) => () => model.create([{ name: 'pressure', unit }, channels[1]!])
    expect(inUnit('kPa')).toThrow(RangeError)
    expect(inUnit('kPa')).toThrow(
      "channel 'pressure' must be in 'bar', got 'kPa': put convert({ channels: { 'pressure': 'bar' } }) before detect"
    )
    expect(inUnit('Cel')).toThrow("channel 'pressure' must be in 'bar', got 'Cel', which is no such quantity")
    expect(inUnit('100.kPa')).not.toThrow()
  })

  it('restores a stream that went on learning, but not one of another model', async () => {
    const model = (await loadModel(bytes)) as DetectorSpec
    const one = model.create(channels)
    one.update(samples({ pressure: [50], current: [50] }))
    const again = model.restore(structuredClone(one.snapshot()))
    expect(again.score(normal)).toEqual(one.score(normal))
    const other = (await loadModel(await saveModel(detector, { ...options, version: 4 }))) as DetectorSpec
    expect(() => other.restore(one.snapshot())).toThrow(/the snapshot is of the model sha256:/)
    expect(() => other.restore(detector.snapshot())).toThrow("the snapshot is of 'nearest-neighbour'")
  })

  it('carries the scaler of a scaled detector, or the one that was named', async () => {
    const scaler = standardScaler().fit(normal)
    const inside = nearestNeighbour().create(channels)
    inside.fit({ ...normal, values: scaler.transform(normal.values, normal.length) })
    const outside = scaled(scaler, nearestNeighbour()).create(channels)
    outside.fit(normal)
    const [one, two] = [await saveModel(inside, { ...options, scaler }), await saveModel(outside, options)]
    expect(one).toEqual(two)
    const model = (await loadModel(one)) as DetectorSpec & { scaler: Scaler }
    expect(model.scaler.kind).toBe('standard')
    expect(model.create(channels).score(normal)).toEqual(outside.score(normal))
    await expect(saveModel(outside, { ...options, scaler })).rejects.toThrow('scaler must be left out')
  })
})

describe('saveModel', () => {
  it('takes a spec with a snapshot, and finds rows with a score for the proof', async () => {
    const chart = ewmaChart().create(channels)
    chart.fit(normal)
    expect(await saveModel({ spec: ewmaChart(), snapshot: chart.snapshot() }, options)).toEqual(
      await saveModel(chart, options)
    )
    const proof = json(unzipSync(bytes)['proof.json']!)
    expect(proof.rows.length).toBe(64)
    const holed = samples({ pressure: wave(0, 4).map((x, i) => (i < 100 ? null : x)), current: wave(1, 900) })
    const files = unzipSync(await saveModel(detector, { ...options, sampleRows: holed }))
    expect(json(files['proof.json']!).scores.filter((score: unknown) => score !== null).length).toBeGreaterThanOrEqual(
      64
    )
  })

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'what has not learned',
      () => saveModel(robustZ().create(channels), options),
      /must have learned, got a detector that is not ready/
    ],
    [
      'a detector from elsewhere',
      () => saveModel({ ...detector, ready: true } as never, options),
      /of a function of @messwerk\/detectors/
    ],
    [
      'no model',
      () => saveModel(undefined as never, options),
      /must be a detector, or the bytes of an ONNX graph, got undefined/
    ],
    [
      'a graph without a score',
      () => saveModel(new Uint8Array(3), options),
      /score must say what the output of the graph means/
    ],
    ['no channels', () => saveModel(detector, { ...options, channels: [] }), /channels must be a list/],
    [
      'no rows',
      () => saveModel(detector, { ...options, sampleRows: undefined as never }),
      /sampleRows must be samples/
    ],
    [
      'rows without a score',
      () => saveModel(detector, { ...options, sampleRows: samples({ pressure: [null], current: [1] }) }),
      /must hold a row that has a score/
    ],
    [
      'rows of other channels',
      () => saveModel(detector, { ...options, sampleRows: samples({ a: [1] }) }),
      /sampleRows: there is no channel 'pressure'/
    ],
    [
      'a name that is none',
      () => saveModel(detector, { ...options, name: '' }),
      /saveModel: name must be a text of 1..1000 characters, got ''/
    ],
    [
      'a threshold that is none',
      () => saveModel(detector, { ...options, threshold: { raise: Number.NaN } }),
      /saveModel: threshold: limits: raise must be/
    ],
    [
      'a time without a zone',
      () => saveModel(detector, { ...options, created: '2026-01-31T12:00:00' }),
      /created must be a time such as/
    ]
  ])('refuses %s', async (_, save, message) => {
    await expect(save()).rejects.toThrow(message)
  })
})
