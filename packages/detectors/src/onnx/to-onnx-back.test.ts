import { expect, it } from 'vitest'
import { loadModel } from '../models/load-model.ts'
import { saveModel } from '../models/save-model.ts'
import { onnxDetector } from '../onnx-runtime/onnx-detector.ts'
import { apart, cases, channels, names, normalRows, samplesOf } from './fixtures/exported.ts'
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
    const loaded = await loadModel(file)
    expect(loaded.way).toBe('onnxruntime-node')
    expect(() => toOnnx(loaded)).toThrow('must be a detector of this package, got one that is a graph already')
  })
