import { ModelError, type Samples } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { type FixtureRecord, fixtureBytes, fixtureRecord } from './fixtures/fixture.ts'
import { naiveRun } from './fixtures/naive-run.ts'
import { samplesOf } from './fixtures/samples-of.ts'
import { withGraph, withNode } from './fixtures/with-node.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './graph.ts'
import { type ReadDenseOptions, readDense } from './read-dense.ts'
import { readModel } from './read-model.ts'

const SCANS = [
  'dynamo',
  'torchscript',
  'tanh',
  'sigmoid',
  'elu',
  'no-bias',
  'scaled',
  'scaled-dynamo',
  'keras',
  'keras-tanh',
  'mlp'
]

function expectScores(scores: ArrayLike<number>, { squares, rows }: FixtureRecord): void {
  for (let i = 0; i < rows.length; i += 1) {
    const wanted = squares![i]! / rows[i]!.length
    expect(Math.abs(scores[i]! - wanted)).toBeLessThan(3e-6 * wanted + 1e-9)
  }
}

function refusal(of: OnnxModel | Uint8Array, options: ReadDenseOptions = {}): ModelError {
  try {
    readDense(of, options)
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  throw new Error('it was read')
}

/** The scans of a window of the fixtures. */
function scansOf(
  { rows, window }: FixtureRecord,
  r: number
): { channels: { name: string; unit: string }[]; samples: Samples } {
  const { scans, layout } = window!
  const width = rows[r]!.length / scans
  const at = (t: number, c: number): number => rows[r]![layout === 'NTC' ? t * width + c : c * scans + t]!
  return samplesOf(Array.from({ length: scans }, (_, t) => Array.from({ length: width }, (_, c) => at(t, c))))
}

const model = readModel(fixtureBytes('autoencoder-tanh.onnx'))
const record = fixtureRecord('autoencoder-tanh')
const { channels, samples } = samplesOf(record.rows)

describe('readDense', () => {
  it('a network that counts in double is refused: here it would be fed float32', () => {
    const [input] = model.graph.inputs
    const double = withGraph(model, { inputs: [Object.assign({}, input, { element: 'double' })] })
    expect(refusal(double).reason).toBe('unsupported')
    expect(refusal(double).message).toContain('is not of element float; run the model with onnxDetector')
  })

  for (const name of SCANS)
    it(`autoencoder-${name}: scores are those of onnxruntime`, () => {
      const of = fixtureRecord(`autoencoder-${name}`)
      const own = samplesOf(of.rows)
      expectScores(
        readDense(fixtureBytes(`autoencoder-${name}.onnx`))
          .create(own.channels)
          .score(own.samples),
        of
      )
    })

  it('reads weights that lie in a file beside it', () => {
    const bytes = fixtureBytes('autoencoder-external.onnx')
    const files = { 'autoencoder-external.onnx.data': fixtureBytes('autoencoder-external.onnx.data') }
    const of = fixtureRecord('autoencoder-external')
    const own = samplesOf(of.rows)
    expectScores(readDense(bytes, { files }).create(own.channels).score(own.samples), of)
    expect(refusal(bytes).message).toMatch(
      /which was not given: pass files: \{ 'autoencoder-external.onnx.data': bytes \}$/
    )
    expect(refusal(bytes).reason).toBe('missing-file')
  })

  for (const name of ['window-ntc', 'window-nct', 'window-view'])
    it(`${name}: the score of a scan is that of the window that ends with it`, () => {
      const of = fixtureRecord(name)
      const scans = of.window!.scans
      const spec = readDense(fixtureBytes(`${name}.onnx`), { window: of.window })
      const last = of.rows.map((_, r) => {
        const own = scansOf(of, r)
        const scores = spec.create(own.channels).score(own.samples)
        expect(scores.slice(0, scans - 1).every(Number.isNaN)).toBe(true)
        return scores[scans - 1]!
      })
      expectScores(last, of)
    })

  it('a window starts anew behind a gap and a value that is none', () => {
    const of = fixtureRecord('window-ntc')
    const { channels: eight, samples: six } = scansOf(of, 3)
    const detector = readDense(fixtureBytes('window-ntc.onnx'), { window: of.window }).create(eight)
    detector.process(six)
    detector.gap!()
    expect(detector.process(six).map(Number).slice(0, 5).every(Number.isNaN)).toBe(true)
    const broken = six.values.slice()
    broken[0] = Number.NaN
    expect(
      detector.process({ channels: six.channels, length: 6, values: broken, seconds: 1 }).every(Number.isNaN)
    ).toBe(true)
    const restored = readDense(fixtureBytes('window-ntc.onnx'), { window: of.window }).restore(detector.snapshot())
    expect(restored.score(six)).toEqual(detector.score(six))
    expect(() => readDense(model).restore(detector.snapshot())).toThrow('Cannot restore dense-network')
  })

  it('shares are those of the channels in the sum; nothing is learned', () => {
    const detector = readDense(model).create(channels)
    expect(detector.ready).toBe(true)
    const scores = detector.score(samples)
    detector.fit(samples)
    detector.update(samples)
    expect(detector.score(samples)).toEqual(scores)
    for (let i = 0; i < samples.length; i += 5)
      expect(detector.explain(samples, i).reduce((sum, share) => sum + share, 0)).toBeCloseTo(scores[i]!, 12)
    const drawn = record.onnx.reconstruction!.slice(0, 8)
    const errors = record.rows[0]!.map((x, c) => (x - drawn[c]!) ** 2 / 8)
    detector.explain(samples, 0).forEach((share, c) => {
      expect(share).toBeCloseTo(errors[c]!, 5)
    })
  })

  it('values are taken as float32, as a runtime takes them', () => {
    const detector = readDense(model).create(channels)
    const exact = samples.values.map(Math.fround)
    const finer = exact.map((x) => x * (1 + 1e-9))
    const other = { channels: samples.channels, length: samples.length, values: finer, seconds: 1 }
    expect(detector.score(other)).toEqual(detector.score(Object.assign({}, other, { values: exact })))
  })

  it('what is not read natively is refused by name', () => {
    const { reason, message } = refusal(fixtureBytes('window-conv.onnx'), { window: { scans: 6, layout: 'NCT' } })
    expect(reason).toBe('unsupported')
    expect(message).toBe("readDense: node 'node_conv1d' (Conv) is not read natively; run the model with onnxDetector")
    expect(refusal(fixtureBytes('forest.onnx'), { output: 'scores' }).message).toContain(
      '(Gather) is not read natively'
    )
  })

  it('a window must fit the model', () => {
    const bytes = fixtureBytes('window-ntc.onnx')
    expect(refusal(bytes).message).toContain('window must say how the 6 x 8 values of a row lie')
    expect(refusal(bytes, { window: { scans: 8, layout: 'NTC' } }).message).toContain('got 8 (NTC)')
    expect(refusal(model, { channels: ['a'] }).message).toBe(
      'readDense: channels must be the 8 that the model takes, got 1'
    )
    expect(() => readDense(model, { output: 'latent' })).toThrow(
      "readDense: output must be one of reconstruction, got 'latent'"
    )
    expect(() => readDense(bytes, { window: { scans: 6, layout: 'TCN' as 'NTC' } })).toThrow(
      "must be 'NTC' or 'NCT', got 'TCN'"
    )
  })
})

/** Small graphs by hand: [N, 2] to [N, 2]. */
describe('readDense, node by node', () => {
  const tensor = (name: string, dims: number[], values: number[]): OnnxTensor => ({
    name,
    element: 'float',
    dims,
    values
  })
  const ints = (name: string, ...values: number[]): OnnxTensor => ({
    name,
    element: 'int64',
    dims: [values.length],
    values
  })
  const node = (op: string, inputs: string[], output: string, ...attributes: OnnxAttribute[]): OnnxNode => ({
    name: output,
    op,
    domain: '',
    inputs,
    outputs: [output],
    attributes
  })
  const w = tensor('w', [2, 2], [1, 2, 3, 5])
  const initializers = [
    w,
    tensor('b', [2], [0.5, -1]),
    tensor('s', [], [3]),
    tensor('t', [1, 2], [2, -4]),
    tensor('v', [2], [0.5, 2])
  ]
  const modelOf = (...nodes: OnnxNode[]): OnnxModel =>
    withGraph(model, {
      nodes,
      initializers: initializers.concat(
        ints('flat', -1, 2),
        ints('wide', -1, 1, 2),
        ints('zero', 0),
        ints('minus', -1),
        ints('axis', 1)
      ),
      inputs: [{ name: 'x', element: 'float', dims: ['N', 2] }],
      outputs: [{ name: 'y' }]
    })
  const graphs: Record<string, OnnxModel> = {
    'Gemm with all that it can': modelOf(
      node(
        'Gemm',
        ['x', 'w', 'b'],
        'y',
        { name: 'alpha', kind: 'float', value: 2 },
        { name: 'beta', kind: 'float', value: 3 },
        { name: 'transB', kind: 'int', value: 1 }
      )
    ),
    'Gemm as it is': modelOf(node('Gemm', ['x', 'w', 't'], 'y')),
    'scalers before, between and behind': modelOf(
      node('Sub', ['x', 't'], 'a'),
      node('Div', ['a', 'v'], 'b1'),
      node('MatMul', ['b1', 'w'], 'c'),
      node('Mul', ['c', 'v'], 'd'),
      node('Add', ['b', 'd'], 'e'),
      node('Relu', ['e'], 'f'),
      node('Mul', ['s', 'f'], 'g'),
      node('Sub', ['t', 'g'], 'h'),
      node('MatMul', ['h', 'w'], 'i'),
      node('LeakyRelu', ['i'], 'j', { name: 'alpha', kind: 'float', value: 0.2 }),
      node('Add', ['j', 's'], 'y')
    ),
    'an activation of the input itself': modelOf(node('Tanh', ['x'], 'a'), node('Elu', ['a'], 'y')),
    'nothing but a scaler': modelOf(node('Mul', ['x', 'v'], 'y')),
    'nothing at all': modelOf(node('Identity', ['x'], 'y')),
    'reshapes of no effect': modelOf(
      node('Reshape', ['x', 'wide'], 'a'),
      node('Flatten', ['a'], 'b1'),
      node('MatMul', ['b1', 'w'], 'c'),
      node('Reshape', ['c', 'flat'], 'y')
    )
  }
  const rows = [
    [0.3, -0.7],
    [-4, 2],
    [1.5, 1.25]
  ].map((row) => row.map(Math.fround))
  for (const [name, of] of Object.entries(graphs))
    it(name, () => {
      const own = samplesOf(rows)
      const scores = readDense(of).create(own.channels).score(own.samples)
      rows.forEach((row, r) => {
        const { values } = naiveRun(of.graph, new Map([['x', { dims: [1, 2], values: row }]]), 'y')
        expect(scores[r]).toBeCloseTo(values.reduce((sum, x, k) => sum + (x - row[k]!) ** 2, 0) / 2, 9)
      })
    })

  it('shapes that are worked out, and dropout, are of no effect', () => {
    const of = modelOf(
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'zero'], 'rows', { name: 'axis', kind: 'int', value: 0 }),
      node('Concat', ['rows', 'minus'], 'all', { name: 'axis', kind: 'int', value: 0 }),
      node('Dropout', ['x'], 'kept'),
      node('Unsqueeze', ['kept', 'axis'], 'more'),
      node('Squeeze', ['more', 'axis'], 'less'),
      node('Cast', ['less'], 'same', { name: 'to', kind: 'int', value: 1 }),
      node('Reshape', ['same', 'all'], 'flattened'),
      node('MatMul', ['flattened', 'w'], 'y')
    )
    const plain = modelOf(node('MatMul', ['x', 'w'], 'y'))
    const own = samplesOf(rows)
    expect(readDense(of).create(own.channels).score(own.samples)).toEqual(
      readDense(plain).create(own.channels).score(own.samples)
    )
  })

  it('batch normalisation is that of training', () => {
    const parts = [
      tensor('scale', [2], [2, 0.5]),
      tensor('bias', [2], [1, -1]),
      tensor('mean', [2], [0.25, 4]),
      tensor('var', [2], [4, 0.25])
    ]
    const base = modelOf(
      node('BatchNormalization', ['x', 'scale', 'bias', 'mean', 'var'], 'y', {
        name: 'epsilon',
        kind: 'float',
        value: 0
      })
    )
    const of = withGraph(base, { initializers: base.graph.initializers.concat(parts) })
    const own = samplesOf(rows)
    const scores = readDense(of).create(own.channels).score(own.samples)
    rows.forEach(([x, y], r) => {
      const [a, b] = [(2 * (x! - 0.25)) / 2 + 1, (0.5 * (y! - 4)) / 0.5 - 1]
      expect(scores[r]).toBeCloseTo(((a - x!) ** 2 + (b - y!) ** 2) / 2, 9)
    })
  })

  it('the axes of a window may be turned', () => {
    const parts: Partial<OnnxGraph> = {
      nodes: [
        node('Transpose', ['x'], 'a', { name: 'perm', kind: 'ints', value: [0, 2, 1] }),
        node('Flatten', ['a'], 'b1'),
        node('Mul', ['b1', 'six'], 'y')
      ],
      initializers: [tensor('six', [6], [1, 2, 3, 4, 5, 6])],
      inputs: [{ name: 'x', element: 'float', dims: ['N', 2, 3] }]
    }
    const window = { scans: 2, layout: 'NTC' } as const
    const own = samplesOf([
      [1, 2, 3],
      [4, 5, 6]
    ])
    // [[1, 2, 3], [4, 5, 6]] turned is 1 4 2 5 3 6; what comes out is compared place by place.
    const drawn = [1, 8, 6, 20, 15, 36]
    const wanted = drawn.reduce((sum, x, k) => sum + (x - (k + 1)) ** 2, 0) / 6
    expect(readDense(withGraph(modelOf(), parts), { window }).create(own.channels).score(own.samples)[1]).toBeCloseTo(
      wanted,
      9
    )
  })

  const refused: Record<string, [OnnxModel, string]> = {
    'a branch': [modelOf(node('Add', ['x', 'x'], 'y')), 'brings two values of rows together'],
    'another size': [modelOf(node('ReduceSum', ['x'], 'y')), 'is not read natively'],
    'rows of other rows': [modelOf(node('Reshape', ['x', 'minus'], 'y')), 'makes rows of other rows'],
    'a quotient by rows': [modelOf(node('Div', ['s', 'x'], 'y')), 'divides by the rows'],
    'weights that do not fit': [modelOf(node('MatMul', ['x', 'b'], 'y')), 'has weights of 2 for rows of 2'],
    'a scale of infinity': [modelOf(node('Div', ['x', 'none'], 'y')), "takes 'none', which nothing before it gives"],
    'no output': [modelOf(node('Identity', ['x'], 'z')), "output 'y' does not come of the input"],
    'an unknown activation': [modelOf(node('Softplus', ['x'], 'y')), '(Softplus) is not read natively']
  }
  for (const [name, [of, message]] of Object.entries(refused))
    it(`${name} is refused`, () => {
      expect(refusal(of).message).toContain(message)
    })

  it('is bounded: a small file cannot ask for endless work', () => {
    const nodes = Array.from({ length: 200 }, (_, k) => node('Tanh', [k === 0 ? 'x' : `n${k}`], `n${k + 1}`))
    expect(refusal(modelOf(...nodes)).reason).toBe('too-large')
    const wide = withGraph(modelOf(), { inputs: [{ name: 'x', element: 'float', dims: ['N', 2 ** 31] }] })
    expect(refusal(wide).reason).toBe('too-large')
    const infinite = withNode(model, 'Gemm', () => ({}))
    const broken = withGraph(infinite, {
      initializers: infinite.graph.initializers.map((each) =>
        Object.assign({}, each, { values: Array.from(each.values, () => Number.NaN) })
      )
    })
    expect(refusal(broken).message).toContain('a weight is not finite')
  })
})
