import { describe, expect, it } from 'vitest'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { loadModel } from '../models/load-model.ts'
import { saveModel } from '../models/save-model.ts'
import { t2 } from '../pca/t2.ts'
import { minMaxScaler } from '../scalers/min-max-scaler.ts'
import { robustScaler } from '../scalers/robust-scaler.ts'
import { scaled } from '../scalers/scaled.ts'
import { standardScaler } from '../scalers/standard-scaler.ts'
import { allSorts, apart, channels, learned, names, normalRows, samplesOf, WIDTH } from './fixtures/exported.ts'
import { runGraph } from './fixtures/run-graph.ts'
import { readModel } from './read-model.ts'
import { toOnnx } from './to-onnx.ts'

describe('toOnnx', () => {
  for (const [order, layout] of [
    ['relu', { scans: 4 }],
    ['tanh', { scans: 9 }]
  ] as const)
    it(`scores windows of ${layout.scans} scans`, async () => {
      const spec = autoencoder({ window: layout, epochs: 2, activation: order, hidden: [6] })
      const detector = learned(spec)
      const rows = normalRows(300, 8)
      detector.gap?.()
      const scores = detector.score(samplesOf(rows)).slice(layout.scans - 1)
      const windows = Float32Array.from({ length: scores.length * layout.scans * WIDTH }, (_, k) => {
        const [w, rest] = [Math.floor(k / (layout.scans * WIDTH)), k % (layout.scans * WIDTH)]
        return rows[w * WIDTH + rest]!
      })
      const dims = [scores.length, layout.scans, WIDTH]
      const { score, contributions } = await runGraph(toOnnx(detector, { output: 'double' }), windows, dims)
      expect(scores.every((x) => x > 0)).toBe(true)
      expect(apart(score!.values, scores)).toBeLessThan(1e-11)
      const i = 100
      const shares = detector.explain(samplesOf(rows), i + layout.scans - 1)
      expect(apart(contributions!.values.subarray(i * WIDTH, (i + 1) * WIDTH), shares)).toBeLessThan(1e-9)
      windows[17] = Number.NaN
      const spoiled = await runGraph(toOnnx(detector), windows, dims)
      expect([...spoiled.score!.values].map(Number.isNaN).indexOf(false)).toBe(1)
      expect(readModel(toOnnx(detector)).metadata.get('messwerk.window')).toBe(`${layout.scans}`)
    })

  for (const spec of [standardScaler(), robustScaler(), minMaxScaler(), minMaxScaler({ range: [-1, 1], clip: true })])
    it('scales, alone and before a detector', async () => {
      const training = samplesOf(normalRows(500, 9))
      const scaler = spec.fit(training)
      const rows = allSorts()
      const { values, length } = samplesOf(rows)
      const scaledValues = scaler.transform(values, length)
      const alone = await runGraph(toOnnx(scaler, { output: 'double' }), rows, [length, WIDTH])
      expect(Object.keys(alone)).toEqual(['scaled'])
      for (let i = 0; i < length; i += 1)
        for (let c = 0; c < WIDTH; c += 1)
          if (alone.scaled!.values[i * WIDTH + c] !== scaledValues[c * length + i])
            throw new Error(`row ${i} channel ${c}`)
      const forest = isolationForest({ seed: 4, trees: 20, channels: ['c4', 'c1', 'c2'] })
      const detector = forest.create(channels)
      detector.fit({ ...training, values: scaler.transform(training.values, training.length) })
      const ours = detector.score({ ...samplesOf(rows), values: scaledValues })
      const behind = scaled(scaler, forest).create(channels)
      behind.fit(training)
      const three = Float32Array.from(
        { length: 3 * length },
        (_, k) => rows[Math.floor(k / 3) * WIDTH + [4, 1, 2][k % 3]!]!
      )
      const saved = await saveModel(behind, {
        name: 'scaled',
        channels: names.map((name) => ({ name, unit: 'bar' })),
        sampleRows: training,
        created: '2026-01-31T12:00:00Z',
        threshold: { raise: 0.6 }
      })
      const loaded = await loadModel(saved)
      const files = [
        toOnnx(detector, { output: 'double', scaler }),
        toOnnx(behind, { output: 'double' }),
        toOnnx(behind.snapshot(), { output: 'double', scaler }),
        toOnnx(loaded, { output: 'double' })
      ]
      for (const file of files) {
        const { score } = await runGraph(file, three, [length, 3])
        expect(apart(score!.values, ours)).toBeLessThan(1e-11)
      }
      const { metadata } = readModel(files[3]!)
      expect(metadata.get('messwerk.units')).toBe('["bar","bar","bar"]')
      expect(metadata.get('messwerk.threshold')).toBe('{"raise":0.6}')
      expect(() => toOnnx(behind.snapshot())).toThrow(
        'scaler must be that of the detector, which is a scaled isolation-forest, got none'
      )
      expect(() => toOnnx(behind, { scaler })).toThrow(/must be left out where there is one already/)
      const twice = scaled(scaler, scaled(scaler, forest)).create(channels)
      twice.fit(training)
      expect(() => toOnnx(twice)).toThrow('the model must have one scaler at most, got two')
    })

  it('takes the channels that are used, in their order', async () => {
    const detector = learned(t2({ channels: ['c3', 'c0'] }))
    const rows = normalRows(50, 10)
    const two = Float32Array.from({ length: 100 }, (_, k) => rows[(k >> 1) * WIDTH + (k % 2 === 0 ? 3 : 0)]!)
    const threshold = { raise: 12.5, clear: 9, clearDelay: '2s' } as const
    const bytes = toOnnx(detector, { units: { c0: 'bar' }, output: 'double', threshold })
    const { score, contributions } = await runGraph(bytes, two, [50, 2])
    expect(apart(score!.values, detector.score(samplesOf(rows)))).toBeLessThan(1e-11)
    const shares = detector.explain(samplesOf(rows), 3)
    expect(apart(contributions!.values.subarray(6, 8), [shares[3]!, shares[0]!])).toBeLessThan(1e-11)
    const { metadata } = readModel(bytes)
    expect(Object.fromEntries(metadata)).toEqual({
      'messwerk.kind': 't2',
      'messwerk.channels': '["c3","c0"]',
      'messwerk.units': '["","bar"]',
      'messwerk.threshold': '{"raise":12.5,"clear":9,"clearDelay":"2s"}'
    })
  })
})
