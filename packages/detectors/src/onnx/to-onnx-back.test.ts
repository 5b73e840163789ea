import { expect, it } from 'vitest'
import { scoresOf } from '../bundle/bundle-model.ts'
import { loadModel } from '../models/load-model.ts'
import { saveModel } from '../models/save-model.ts'
import { onnxDetector } from '../onnx-runtime/onnx-detector.ts'
import { apart, cases, channels, names, normalRows, samplesOf } from './fixtures/exported.ts'
import { readForest } from './read-forest.ts'
import { toOnnx } from './to-onnx.ts'

const score = { output: 'score', higherIs: 'anomalous' } as const
const samples = samplesOf(normalRows(100, 20))

for (const name of ['isolation forest', 'spe', 't2', 'autoencoder'])
  it(`${name}: a written graph scores here, too, in onnxruntime and in a model file`, async () => {
    const detector = cases[name]!()
    const ours = detector.score(samples)
    const model = toOnnx(detector)
    const later = onnxDetector({ model, channels: names, score }).create(channels)
    await later.open?.()
    expect(apart(await later.score(samples), ours)).toBeLessThan(1e-6)
    await later.close?.()

    const file = await saveModel(model, { name, channels, sampleRows: samples, created: '2026-01-31T12:00:00Z', score })
    const graph = { channels, score }
    const way = name === 'isolation forest' ? 'native' : 'onnxruntime-node'
    for (const loaded of [await loadModel(file), await loadModel(model, { graph })]) {
      expect(loaded.way).toBe(way)
      const scores = await scoresOf(loaded, channels, samples)
      if (way === 'native') expect(scores).toEqual(ours)
      expect(apart(scores, ours)).toBeLessThan(1e-6)
    }
    const run = await loadModel(model, { graph, native: false })
    expect(apart(await scoresOf(run, channels, samples), ours)).toBeLessThan(1e-6)
    expect(() => toOnnx(run)).toThrow('must be a detector of this package, got one that is a graph already')
  })

it('an isolation forest that was read back gives the bits, of doubles too, and is written again', async () => {
  const detector = cases['isolation forest']!()
  const model = toOnnx(detector)
  const read = readForest(model).create(channels)
  const doubles = Object.assign({}, samples, { values: samples.values.map((x) => x * (1 + 1e-9)) })
  for (const each of [samples, doubles]) expect(read.score(each)).toEqual(detector.score(each))
  expect(read.explain(samples, 7)).toEqual(detector.explain(samples, 7))
  expect(toOnnx(read)).toEqual(model)
})

it('a score that is made of another output of a forest is left to a runtime', async () => {
  const model = toOnnx(cases['isolation forest']!())
  for (const other of [
    { output: 'score', higherIs: 'normal', offset: 1 },
    { output: 'score', higherIs: 'anomalous', offset: 0.25 }
  ] as const) {
    const loaded = await loadModel(model, { graph: { channels, score: other } })
    expect([loaded.way, loaded.wayReason]).toEqual(['onnxruntime-node', expect.stringContaining("the output 'score'")])
  }
})
