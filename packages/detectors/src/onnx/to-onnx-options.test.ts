import type { Detector } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { spe } from '../pca/spe.ts'
import { t2 } from '../pca/t2.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { quantileScaler } from '../scalers/quantile-scaler.ts'
import { standardScaler } from '../scalers/standard-scaler.ts'
import { apart, cases, channels, learned, normalRows, run, samplesOf } from './fixtures/exported.ts'
import { readModel } from './read-model.ts'
import { type ToOnnxOptions, toOnnx } from './to-onnx.ts'

describe('toOnnx', () => {
  it('has this structure', () => {
    const shape = (detector: Detector, options?: ToOnnxOptions): string => {
      const { irVersion, producer, opsets, graph } = readModel(toOnnx(detector, options))
      const info = (values: typeof graph.inputs) =>
        values.map(({ name, element, dims }) => `${name} ${element} [${dims}]`).join(', ')
      const ops = graph.nodes.map(({ op }) => op).join(' ')
      return `IR ${irVersion} ${producer} ${[...opsets].join(' ')}: ${info(graph.inputs)} -> ${ops} -> ${info(graph.outputs)}`
    }
    expect(shape(cases['isolation forest']!())).toMatchInlineSnapshot(
      `"IR 8 messwerk ,17 ai.onnx.ml,3: input float [N,5] -> TreeEnsembleRegressor Cast ReduceSum Mul Exp LessOrEqual Sub ReduceSum Cast Where Add Squeeze Cast Identity Neg Cast Identity -> score float [N], score_samples float [N]"`
    )
    expect(shape(cases.t2!(), { opset: 13, output: 'double' })).toMatchInlineSnapshot(
      `"IR 8 messwerk ,13: input float [N,5] -> Cast Sub MatMul Mul ReduceSum LessOrEqual Sub ReduceSum Cast Where Add Squeeze Identity MatMul Mul ReduceSum Greater Where Div Where Mul Identity -> score double [N], contributions double [N,5]"`
    )
    expect(shape(cases.spe!())).toMatchInlineSnapshot(
      `"IR 8 messwerk ,17: input float [N,5] -> Cast Sub MatMul Mul ReduceSum LessOrEqual Sub ReduceSum Cast Where Add Squeeze Cast Identity -> score float [N]"`
    )
    expect(shape(cases['autoencoder of other activations']!())).toMatchInlineSnapshot(
      `"IR 8 messwerk ,17: input float [N,5] -> Cast Sub Div Less Where Greater Where MatMul Add Relu MatMul Add Relu MatMul Add Relu MatMul Add Sigmoid Sub Mul ReduceSum Div Sqrt LessOrEqual Sub ReduceSum Cast Where Add Squeeze Cast Identity ReduceSum Greater Where Div Where Mul Cast Identity -> score float [N], contributions float [N,5]"`
    )
    expect(shape(learned(autoencoder({ window: { scans: 3 }, epochs: 1, hidden: [2] })))).toMatchInlineSnapshot(
      `"IR 8 messwerk ,17: input float [N,3,5] -> Cast Sub Div Less Where Greater Where Flatten MatMul Add Tanh MatMul Add Sub Mul ReduceSum Div Sqrt Flatten LessOrEqual Sub ReduceSum Cast Where Add Squeeze Cast Identity Reshape ReduceSum ReduceSum Greater Where Div Where Mul Cast Identity -> score float [N], contributions float [N,5]"`
    )
  })

  it('gives the same bytes for the same model, also from its snapshot', () => {
    for (const make of [cases['isolation forest']!, cases.spe!, cases.autoencoder!]) {
      const detector = make()
      const bytes = toOnnx(detector)
      expect(Buffer.from(toOnnx(make())).equals(bytes)).toBe(true)
      expect(Buffer.from(toOnnx(detector.snapshot())).equals(bytes)).toBe(true)
    }
  })

  it('runs with each opset it offers, and other names', async () => {
    const rows = normalRows(20, 11)
    for (const make of Object.values(cases))
      for (const opset of [13, 15, 18, 21]) {
        const detector = make()
        const { risk } = await run(detector, rows, { opset, names: { input: 'x', score: 'risk' } })
        expect(apart(risk!.values, detector.score(samplesOf(rows)))).toBeLessThan(1e-6)
      }
  })

  it('refuses what cannot be written', () => {
    const detector = cases.t2!()
    const list = 'isolation-forest, autoencoder, t2, spe'
    expect(() => toOnnx(learned(robustZ()))).toThrow(
      new RangeError(`toOnnx: the model must be of a kind that can be written (${list}), or a scaler, got robust-z`)
    )
    expect(() => toOnnx({ kind: 'toString', version: 1, state: {} })).toThrow(/must be of a kind .* got toString/)
    for (const spec of [t2(), spe(), isolationForest(), autoencoder(), autoencoder({ window: { scans: 3 } })])
      expect(() => toOnnx(spec.create(channels))).toThrow(
        `toOnnx: the model must have learned, got a detector of kind ${spec.kind} that is not ready`
      )
    expect(() => toOnnx(undefined as never)).toThrow(TypeError)
    expect(() => toOnnx(detector, { opset: 12 })).toThrow('toOnnx: opset must be a whole number from 13 to 21, got 12')
    expect(() => toOnnx(detector, { output: 'half' as never })).toThrow(
      /output must be 'float' or 'double', got 'half'/
    )
    expect(() => toOnnx(detector, { names: { score: '/score' } })).toThrow(/must not be empty nor begin with/)
    expect(() => toOnnx(detector, { names: { score: 'input' } })).toThrow("names must be distinct, got 'input' twice")
    expect(() => toOnnx(detector, { names: { score: 1 as never } })).toThrow(TypeError)
    expect(() => toOnnx(detector, { units: { c9: 'bar' } })).toThrow(/units name 'c9', which is not among the channels/)
    expect(() => toOnnx(detector, { threshold: { raise: Number.NaN } })).toThrow(RangeError)
    const scaler = standardScaler().fit({ ...samplesOf(normalRows(9, 1)), channels: ['c1', 'c0', 'c2', 'c3', 'x'] })
    expect(() => toOnnx(detector, { scaler })).toThrow(
      /scaler must have the channels c0, c1, c2, c3, c4, got one of c1, c0, c2, c3, x/
    )
    expect(() => toOnnx(scaler, { scaler })).toThrow(/must be left out where there is one already/)
    expect(() => toOnnx(quantileScaler().fit(samplesOf(normalRows(9, 1))))).toThrow(
      'the scaler must be one that can be written (standard, robust, min-max), got quantile'
    )
  })
})
