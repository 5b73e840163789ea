import { alphaOf } from '../network/activation.ts'
import type { DenseLayer } from '../network/dense-layer.ts'
import type { GraphBuilder } from './graph-builder.ts'

/** Dense layers one behind another, double [N, inputs] to double [N, outputs]. @internal */
export function writeDense(graph: GraphBuilder, values: string, layers: readonly DenseLayer[]): string {
  let row = values
  layers.forEach((layer, k) => {
    const { inputs, outputs, weights, bias } = layer
    const turned = new Float64Array(weights.length)
    for (let o = 0; o < outputs; o += 1)
      for (let i = 0; i < inputs; i += 1) turned[i * outputs + o] = weights[o * inputs + i]!
    const product = graph.node('MatMul', [row, graph.doubles(`weights_${k + 1}`, [inputs, outputs], turned)])
    row = graph.node('Add', [product, graph.doubles(`bias_${k + 1}`, [outputs], bias)])
    row = writeActivation(graph, row, layer, k + 1)
  })
  return row
}

/** Those that runtimes have for float32 only are put together from others. */
function writeActivation(graph: GraphBuilder, sums: string, { activation, alpha }: DenseLayer, layer: number): string {
  if (activation === 'linear') return sums
  if (activation === 'relu') return graph.node('Relu', [sums])
  if (activation === 'tanh') return graph.node('Tanh', [sums])
  if (activation === 'sigmoid') return graph.node('Sigmoid', [sums])
  const factor = graph.doubles(`alpha_${layer}`, [], [alpha ?? alphaOf(activation)])
  const isBelow = graph.node('Less', [sums, graph.doubles(`zero_${layer}`, [], [0])])
  const bent =
    activation === 'elu' ? graph.node('Sub', [graph.node('Exp', [sums]), graph.doubles(`one_${layer}`, [], [1])]) : sums
  return graph.node('Where', [isBelow, graph.node('Mul', [bent, factor]), sums])
}
