import { ModelError } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { fixtureBytes, fixtureRecord } from './fixtures/fixture.ts'
import { samplesOf } from './fixtures/samples-of.ts'
import { attributesOf, withGraph, withNode } from './fixtures/with-node.ts'
import type { OnnxModel, OnnxNode } from './graph.ts'
import { readForest } from './read-forest.ts'
import { readModel } from './read-model.ts'
import { toOnnx } from './to-onnx.ts'

const NAMES = [
  'forest',
  'forest-opset12',
  'forest-features',
  'forest-contamination',
  'forest-standard',
  'forest-robust'
]
NAMES.push('forest-minmax')

const model = readModel(fixtureBytes('forest.onnx'))
const record = fixtureRecord('forest')
const { channels, samples } = samplesOf(record.rows)

function scoresOf(of: OnnxModel | Uint8Array): Float64Array {
  return readForest(of).create(channels).score(samples)
}

function refusal(of: OnnxModel | Uint8Array, options = {}): ModelError {
  try {
    readForest(of, options)
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('readForest', () => {
  for (const name of NAMES) {
    it(`${name}: scores are those of onnxruntime and of scikit-learn, on thresholds too`, () => {
      const { rows, onnx, model: own, offset } = fixtureRecord(name)
      const { channels: of, samples: some } = samplesOf(rows)
      const spec = readForest(fixtureBytes(`${name}.onnx`))
      const scores = spec.create(of).score(some)
      expect(spec.limit).toBeCloseTo(-offset!, 6)
      scores.forEach((score, i) => {
        expect(
          Math.abs(score - (onnx.score_samples ? -onnx.score_samples[i]! : spec.limit! - onnx.scores![i]!))
        ).toBeLessThan(5e-7)
        expect(Math.abs(score + own.score_samples![i]!)).toBeLessThan(1e-12)
      })
    })
  }

  it('is ready at once, with shares that sum to the score', () => {
    const detector = readForest(model).create(channels)
    expect(detector.ready).toBe(true)
    const scores = detector.score(samples)
    for (let i = 0; i < samples.length; i += 1) {
      const shares = detector.explain(samples, i)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(scores[i]!, 12)
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
    }
  })

  it('its snapshots are those of isolationForest', () => {
    const snapshot = readForest(model).create(channels).snapshot()
    const restored = isolationForest({ trees: 10, sample: 64 }).restore(snapshot)
    expect(restored.score(samples)).toEqual(scoresOf(model))
  })

  it('channels are bound by name, in the order of the model', () => {
    const names = ['d', 'c', 'b', 'a']
    const spec = readForest(model, { channels: names })
    const turned = samplesOf(record.rows.map((row) => row.toReversed()))
    const of = ['a', 'b', 'c', 'd']
    const scores = spec
      .create(of.map((name) => ({ name, unit: '1' })))
      .score({ channels: of, length: samples.length, values: turned.samples.values, seconds: 1 })
    expect(scores).toEqual(scoresOf(model))
    expect(() => readForest(model, { channels: ['a'] })).toThrow(
      'readForest: channels must be the 4 that the model takes, got 1'
    )
    expect(() => readForest(model).create(channels.slice(1))).toThrow('readForest: expected 4 channels, got 3')
  })

  it('a forest that was written here comes back with its bits, and its channels', () => {
    const grown = isolationForest({ trees: 30, seed: 3 }).create(channels)
    grown.fit(samples)
    const spec = readForest(toOnnx(grown))
    expect(spec.channels).toEqual(['c0', 'c1', 'c2', 'c3'])
    expect(spec.create(channels).score(samples)).toEqual(grown.score(samples))
  })

  it('all ways to compare are the same forest', () => {
    const above = (x: number): number => {
      const bits = new Int32Array(Float32Array.of(x).buffer)
      bits[0]! += x > 0 ? 1 : -1
      return new Float32Array(bits.buffer)[0]!
    }
    for (const mode of ['BRANCH_LT', 'BRANCH_GT', 'BRANCH_GTE']) {
      const other = withNode(model, 'TreeEnsembleRegressor', (node) => {
        const { nodes_modes, nodes_values, nodes_truenodeids, nodes_falsenodeids } = attributesOf(node)
        const modes = (nodes_modes as string[]).map((each) => (each === 'LEAF' ? each : mode))
        const values = Array.from(nodes_values as ArrayLike<number>, (x) => (mode === 'BRANCH_GT' ? x : above(x)))
        const isTurned = mode !== 'BRANCH_LT'
        return {
          nodes_modes: modes,
          nodes_values: values,
          nodes_truenodeids: isTurned ? nodes_falsenodeids : nodes_truenodeids,
          nodes_falsenodeids: isTurned ? nodes_truenodeids : nodes_falsenodeids
        }
      })
      expect(scoresOf(other)).toEqual(scoresOf(model))
    }
  })

  it('a constant that is not that of the paper is refused', () => {
    for (const [name, value] of [
      ['dec_Powcst', 3],
      ['eqp_log0_Addcst', 0.6],
      ['eqp_ns0_Mulcst', -1],
      ['eqp2p_m1_0_Addcst', -2],
      ['dec_Divcst', 90]
    ] as const) {
      const initializers = model.graph.initializers.map((tensor) =>
        tensor.name === name ? Object.assign({}, tensor, { values: [value] }) : tensor
      )
      expect(refusal(withGraph(model, { initializers })).reason).toBe('unsupported')
    }
  })

  it('what is added to all path lengths together is refused', () => {
    const nodes = model.graph.nodes.flatMap((node) => {
      if (node.op !== 'Sum') return [node]
      const more = {
        name: 'more',
        op: 'Add',
        domain: '',
        inputs: ['sum', 'dec_Powcst'],
        outputs: node.outputs,
        attributes: []
      }
      return [Object.assign({}, node, { outputs: ['sum'] }), more]
    })
    expect(refusal(withGraph(model, { nodes })).message).toContain('is added to what its trees give')
  })

  it('a tree that is no tree is refused', () => {
    const cases: [string, Record<string, unknown>][] = [
      ['leads to a node twice', { nodes_truenodeids: new Float64Array(1000) }],
      ['that is not there', { nodes_truenodeids: new Float64Array(1000).fill(99_999) }],
      ['names a node twice', { nodes_nodeids: new Float64Array(1000) }],
      ['compares by BRANCH_EQ', { nodes_modes: Array(1000).fill('BRANCH_EQ') }],
      ['its lists are of', { nodes_values: [1] }],
      ['its lists of targets are of', { target_weights: [1] }],
      ['takes the MIN', { aggregate_function: 'MIN' }],
      ['transforms', { post_transform: 'LOGISTIC' }],
      ['not known here', { something: 1 }]
    ]
    for (const [message, changes] of cases) {
      const broken = withNode(model, 'TreeEnsembleRegressor', (node) => {
        const size = (attributesOf(node).nodes_modes as string[]).length
        return Object.fromEntries(
          Object.entries(changes).map(([name, value]) => [
            name,
            name.startsWith('nodes_') && (value as unknown[]).length > 1 ? (value as string[]).slice(0, size) : value
          ])
        )
      })
      expect(refusal(broken).message).toContain(message)
    }
  })

  it('what is no forest is refused by the name of the node that is not understood', () => {
    for (const name of ['lof', 'one-class-svm', 'autoencoder-tanh', 'standard-scaler']) {
      const { reason, message } = refusal(fixtureBytes(`${name}.onnx`))
      expect(reason).toBe('unsupported')
      expect(message).toMatch(/^readForest: node '.*' \(\w+\) .*; run the model with onnxDetector$/)
    }
  })

  it('a step that is not understood is named, not left out', () => {
    for (const op of ['Log', 'LabelEncoder', 'Gather', 'Pow', 'Sum']) {
      const other = withGraph(model, {
        nodes: model.graph.nodes.map((node) => (node.op === op ? Object.assign({}, node, { op: 'Erf' }) : node))
      })
      expect(refusal(other).message).toMatch(/node '.*' \(Erf\)/)
    }
  })

  it('an input that is open, or no float32, is refused', () => {
    const input = model.graph.inputs[0]!
    const open = withGraph(model, { inputs: [{ name: input.name, element: 'float' }] })
    expect(refusal(open).message).toContain("input 'X' does not say how many channels it takes")
    expect(readForest(open, { channels: ['a', 'b', 'c', 'd'] }).channels).toHaveLength(4)
    const double = withGraph(model, { inputs: [Object.assign({}, input, { element: 'double' })] })
    expect(refusal(double).message).toContain('not of element float')
    const wide = withGraph(model, { inputs: [Object.assign({}, input, { dims: ['', 2 ** 40] })] })
    expect(refusal(wide).reason).toBe('too-large')
  })

  it('a scaler that turns values round is refused', () => {
    const standard = readModel(fixtureBytes('forest-standard.onnx'))
    const turned = withNode(standard, 'Scaler', () => ({ scale: [1, -1, 1, 1] }))
    expect(refusal(turned).message).toContain('(Scaler) would multiply by -1, which turns the order of values')
  })

  it('is bounded: a small file cannot ask for endless work', () => {
    const node = (op: string, inputs: string[], output: string): OnnxNode => ({
      name: output,
      op,
      domain: '',
      inputs,
      outputs: [output],
      attributes: [{ name: 'axis', kind: 'int', value: 1 }]
    })
    const doubled = Array.from({ length: 60 }, (_, k) =>
      node('Concat', Array(2).fill(k === 0 ? 'X' : `n${k}`), `n${k + 1}`)
    )
    const wide = withGraph(model, { nodes: doubled, outputs: [{ name: 'n60' }] })
    expect(refusal(wide).message).toContain('makes too many columns')
    const many = Array.from({ length: 5000 }, (_, k) => node('Concat', Array(2).fill('n13'), `m${k}`))
    expect(refusal(withGraph(model, { nodes: doubled.slice(0, 13).concat(many) })).reason).toBe('too-large')
  })
})
