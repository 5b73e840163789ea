import type { Activation } from '../../network/activation.ts'
import type { DenseLayer } from '../../network/dense-layer.ts'

/** Weights of all layers together. */
const MOST_WEIGHTS = 4_194_304
const MOST_LAYERS = 64

/**
 * What is done to the outputs of the last layer: number `i` is `scale[i]` x output `source[i]` + `offset[i]`. It goes into the weights of the
 * layer before or behind.
 *
 * @internal
 */
export interface Tail {
  readonly source: Int32Array
  readonly scale: Float64Array
  readonly offset: Float64Array
}

/**
 * Layers one behind another, as far as a graph has been read.
 *
 * @internal
 */
export interface Chain {
  readonly layers: readonly DenseLayer[]
  /** Numbers that go in. */
  readonly inputs: number
  /** Numbers that come out. */
  readonly size: number
  readonly tail: Tail | undefined
  /** Of all layers. */
  readonly weights: number
}

/** What makes a chain too large to be read natively. @internal */
export class ChainTooLarge extends RangeError {}

/** @internal */
export function startOf(size: number): Chain {
  return { inputs: size, layers: [], size, tail: undefined, weights: 0 }
}

/** `weights x row + bias`, weights row-major with one row an output. @internal */
export function dense(chain: Chain, weights: Float64Array, bias: Float64Array): Chain {
  const { tail } = chain
  const outputs = bias.length
  const inputs = inputsOf(chain)
  checkSize(chain, inputs * outputs)
  if (tail === undefined) return pushed(chain, { inputs, outputs, weights, bias, activation: 'linear' })
  const folded = new Float64Array(inputs * outputs)
  const shifted = bias.slice()
  for (let o = 0; o < outputs; o += 1)
    for (let i = 0; i < chain.size; i += 1) {
      const weight = weights[o * chain.size + i]!
      const at = o * inputs + tail.source[i]!
      folded[at] = folded[at]! + weight * tail.scale[i]!
      shifted[o] = shifted[o]! + weight * tail.offset[i]!
    }
  return pushed(chain, { inputs, outputs, weights: folded, bias: shifted, activation: 'linear' })
}

/** Each number changed by itself, or moved. @internal */
export function placed(chain: Chain, { source, scale, offset }: Tail): Chain {
  const { tail: before, inputs, layers, weights } = chain
  if (before === undefined) return { inputs, layers, weights, size: source.length, tail: { source, scale, offset } }
  const tail = {
    source: source.map((at) => before.source[at]!),
    scale: scale.map((by, i) => by * before.scale[source[i]!]!),
    offset: offset.map((more, i) => scale[i]! * before.offset[source[i]!]! + more)
  }
  return { inputs, layers, weights, size: source.length, tail }
}

/** @internal */
export function activated(chain: Chain, activation: Activation, alpha: number | undefined): Chain {
  const { inputs, layers, size, weights } = settled(chain)
  const last = layers.at(-1)!
  const layer = Object.assign({}, last, { activation }, alpha === undefined ? undefined : { alpha })
  return { inputs, layers: layers.slice(0, -1).concat(layer), size, tail: undefined, weights }
}

/** With nothing left behind a last layer without activation. @internal */
export function settled(chain: Chain): Chain {
  const { layers, tail, size } = chain
  const last = layers.at(-1)
  if (tail === undefined && last?.activation === 'linear') return chain
  if (tail === undefined || last?.activation !== 'linear') return asLayer(chain)
  const { inputs } = last
  checkSize(chain, inputs * size)
  const weights = new Float64Array(inputs * size)
  const bias = new Float64Array(size)
  for (let o = 0; o < size; o += 1) {
    const from = tail.source[o]! * inputs
    for (let i = 0; i < inputs; i += 1) weights[o * inputs + i] = last.weights[from + i]! * tail.scale[o]!
    bias[o] = last.bias[tail.source[o]!]! * tail.scale[o]! + tail.offset[o]!
  }
  const before = { inputs: chain.inputs, layers: layers.slice(0, -1), weights: chain.weights - last.weights.length }
  return pushed(before, { inputs, outputs: size, weights, bias, activation: 'linear' })
}

function asLayer(chain: Chain): Chain {
  const { tail, size } = chain
  const inputs = inputsOf(chain)
  checkSize(chain, inputs * size)
  const weights = new Float64Array(inputs * size)
  for (let o = 0; o < size; o += 1) weights[o * inputs + (tail?.source[o] ?? o)] = tail?.scale[o] ?? 1
  const bias = tail?.offset ?? new Float64Array(size)
  return pushed(chain, { inputs, outputs: size, weights, bias, activation: 'linear' })
}

/** Numbers that come out of the last layer, or go into the chain. */
function inputsOf({ layers, inputs }: Chain): number {
  return layers.at(-1)?.outputs ?? inputs
}

function pushed({ inputs, layers, weights }: Pick<Chain, 'inputs' | 'layers' | 'weights'>, layer: DenseLayer): Chain {
  return {
    inputs,
    layers: layers.concat(layer),
    size: layer.outputs,
    tail: undefined,
    weights: weights + layer.weights.length
  }
}

function checkSize({ layers, weights }: Chain, more: number): void {
  if (weights + more > MOST_WEIGHTS) throw new ChainTooLarge(`has more than ${MOST_WEIGHTS} weights`)
  if (layers.length >= MOST_LAYERS) throw new ChainTooLarge(`has more than ${MOST_LAYERS} layers`)
}
