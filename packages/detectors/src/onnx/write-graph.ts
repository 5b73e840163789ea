import type { ScalerJson } from '../scalers/scaler-json.ts'
import type { Exportable, Scored } from './exportable.ts'
import type { GraphBuilder } from './graph-builder.ts'
import type { GraphNames } from './graph-names.ts'
import { GraphRows } from './graph-rows.ts'
import { scalerOf } from './graph-source.ts'

const LARGEST = { float: 3.4028234663852886e38, double: Number.MAX_VALUE }

/** What the metadata say. @internal */
export type GraphShape = Pick<Exportable, 'kind' | 'channels' | 'window'>

/** Scores of a detector. @internal */
export function writeScoreGraph(
  graph: GraphBuilder,
  exportable: Exportable,
  names: GraphNames,
  output: 'float' | 'double',
  scaler: ScalerJson | undefined
): GraphShape {
  const { channels, window, hasScoreSamples, write } = exportable
  const width = channels.length
  const input = graph.input(names.input, window === undefined ? ['N', width] : ['N', window, width])
  const scored = write(graph, new GraphRows(graph, input, scaler && scalerOf(scaler, channels)))
  const score = finalScore(
    graph,
    window === undefined ? input : graph.node('Flatten', [input]),
    scored,
    LARGEST[output]
  )
  const give = (value: string, name: string, dims: readonly (number | string)[]): void =>
    graph.output(output === 'float' ? graph.toFloat(value) : value, name, output, dims)
  const flat = graph.flat(score)
  give(flat, names.score, ['N'])
  if (hasScoreSamples) give(graph.node('Neg', [flat]), names.score_samples, ['N'])
  if (scored.contributions) give(scored.contributions(score), names.contributions, ['N', width])
  return exportable
}

/** Scaled values. @internal */
export function writeScalerGraph(
  graph: GraphBuilder,
  scaler: ScalerJson,
  names: GraphNames,
  output: 'float' | 'double'
): GraphShape {
  const dims = ['N', scaler.channels.length]
  const rows = new GraphRows(graph, graph.input(names.input, dims), scaler)
  graph.output(output === 'float' ? rows.float() : rows.double(), names.scaled, output, dims)
  return { kind: `${scaler.kind}-scaler`, channels: scaler.channels }
}

/** At most the largest number; NaN where a value of the row is not finite, as x - x is not 0 there. */
function finalScore(graph: GraphBuilder, row: string, { score }: Scored, largest: number): string {
  const most = graph.doubles('largest', [], [largest])
  const isNumber = graph.node('LessOrEqual', [score, most])
  const broken = graph.toDouble(graph.rowSum(graph.node('Sub', [row, row])))
  return graph.node('Add', [graph.node('Where', [isNumber, score, most]), broken])
}
