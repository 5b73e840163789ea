import { ModelError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { scalerFromJson } from '../scalers/scaler-from-json.ts'
import { fixtureBytes, fixtureRecord } from './fixtures/fixture.ts'
import { samplesOf } from './fixtures/samples-of.ts'
import { withGraph, withNode } from './fixtures/with-node.ts'
import { readForest } from './read-forest.ts'
import { readModel } from './read-model.ts'
import { readScaler } from './read-scaler.ts'
import { toOnnx } from './to-onnx.ts'

const KINDS = {
  'standard-scaler': 'standard',
  'standard-scaler-mean-only': 'standard',
  'robust-scaler': 'standard',
  'min-max-scaler': 'min-max',
  'min-max-scaler-clip': 'min-max'
}
const channels = ['c0', 'c1', 'c2', 'c3']

describe('readScaler', () => {
  for (const [name, kind] of Object.entries(KINDS))
    it(`${name}: values are those of onnxruntime`, () => {
      const scaler = readScaler(fixtureBytes(`${name}.onnx`), { channels })
      expect(scaler).toMatchObject({ kind, channels })
      const { rows, onnx } = fixtureRecord(name)
      const { samples } = samplesOf(rows)
      const scaled = scaler.transform(samples.values, samples.length)
      rows.forEach((_, i) => {
        for (let c = 0; c < 4; c += 1) {
          const wanted = onnx.variable![4 * i + c]!
          expect(Math.abs(scaled[c * samples.length + i]! - wanted)).toBeLessThan(2e-6 + 5e-7 * Math.abs(wanted))
        }
      })
      expect(scalerFromJson(scaler.toJSON()).transform(samples.values, samples.length)).toEqual(scaled)
    })

  it('what was written here comes back, by its names', () => {
    const own = scalerFromJson({ kind: 'min-max', channels: ['a', 'b'], min: [-1, 2], scale: [0.5, 3], clip: [-1, 8] })
    const read = readScaler(toOnnx(own))
    expect(read.toJSON()).toEqual(own.toJSON())
    const robust = scalerFromJson({ kind: 'robust', channels: ['a'], center: [0.1], scale: [0.3] })
    expect(readScaler(toOnnx(robust)).transform(Float64Array.of(7), 1)).toEqual(robust.transform(Float64Array.of(7), 1))
  })

  it('a forest behind a scaler of here is read as one', () => {
    const { rows } = fixtureRecord('forest')
    const { channels: of, samples } = samplesOf(rows)
    const scaler = scalerFromJson({ kind: 'standard', channels, mean: [0.1, 10, 20, 30], scale: [0.5, 2, 1.2, 6] })
    const scaled = Object.assign({}, samples, { values: scaler.transform(samples.values, samples.length) })
    const grown = isolationForest({ trees: 20, seed: 1 }).create(of)
    grown.fit(scaled)
    expect(readForest(toOnnx(grown, { scaler })).create(of).score(samples)).toEqual(grown.score(scaled))
  })

  it('anything else is refused by name', () => {
    const message = (read: () => unknown): string => {
      try {
        read()
      } catch (error) {
        if (error instanceof ModelError) return error.message
      }
      return 'read'
    }
    const bytes = fixtureBytes('standard-scaler.onnx')
    expect(message(() => readScaler(bytes))).toBe(
      'readScaler: channels must name the 4 that the model takes, got undefined'
    )
    expect(message(() => readScaler(bytes, { channels: ['a'] }))).toBe(
      'readScaler: channels must be the 4 that the model takes, got 1'
    )
    expect(message(() => readScaler(fixtureBytes('forest.onnx'), { channels }))).toMatch(
      /^readScaler: .*; run the model/
    )
    const model = readModel(bytes)
    const short = withNode(model, 'Scaler', () => ({ scale: [1, 2] }))
    expect(message(() => readScaler(short, { channels }))).toContain('has 2 numbers for 4 channels')
    const none = withGraph(model, { nodes: [] })
    expect(message(() => readScaler(none, { channels }))).toContain('it has no nodes')
  })
})
