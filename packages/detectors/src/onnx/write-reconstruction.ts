import type { Reconstruction } from '../autoencoder/reconstruction.ts'
import type { Scored } from './exportable.ts'
import type { GraphBuilder } from './graph-builder.ts'
import type { GraphRows } from './graph-rows.ts'
import { writeDense } from './write-dense.ts'
import { writeProportions } from './write-form.ts'

/** Scaled values stay within, as in `RowScaler`. */
const LARGEST_SCALED = 1e60

/** The root of the mean squared error of a network that gives back what it is given, [N, 1] as double. @internal */
export function writeReconstruction(graph: GraphBuilder, rows: GraphRows, learned: Reconstruction): Scored {
  const { scans, network } = learned
  const channels = network.inputs / scans
  const scaled = writeScaled(graph, rows, learned)
  const given = scans === 1 ? scaled : graph.node('Flatten', [scaled])
  const error = graph.node('Sub', [given, writeDense(graph, given, network.layers)])
  const squares = graph.node('Mul', [error, error])
  const mean = graph.node('Div', [graph.rowSum(squares), graph.doubles('values', [], [network.inputs])])
  return {
    score: graph.node('Sqrt', [mean]),
    contributions(score) {
      if (scans === 1) return writeProportions(graph, squares, score, channels)
      const byScan = graph.node('Reshape', [squares, graph.ints('window', [-1, scans, channels])])
      return writeProportions(graph, graph.sumOfAxis1(byScan), score, channels)
    }
  }
}

/** `(x - shift) / scale` within what squares can be taken of. */
function writeScaled(graph: GraphBuilder, rows: GraphRows, { scaler }: Reconstruction): string {
  const { shift, scale } = scaler
  const away = graph.node('Sub', [rows.double(), graph.doubles('shift', [shift.length], shift)])
  const scaled = graph.node('Div', [away, graph.doubles('scale', [scale.length], scale)])
  const [least, most] = [graph.doubles('least', [], [-LARGEST_SCALED]), graph.doubles('most', [], [LARGEST_SCALED])]
  return graph.clip(scaled, least, most)
}
