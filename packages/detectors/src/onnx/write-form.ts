import type { FormParts } from '../pca/quadratic-form.ts'
import type { GraphBuilder } from './graph-builder.ts'
import type { GraphRows } from './graph-rows.ts'

/**
 * The squared length of a linear image of a scan, `|A (x - center)|²`: T² and SPE; [N, 1] as double.
 *
 * @param away - see `awayFrom`
 * @internal
 */
export function writeForm(graph: GraphBuilder, away: string, parts: FormParts): string {
  const { order, rows, height, live, flat } = parts
  const width = order.length
  const columns = height + flat.length
  const matrix = new Float64Array(width * columns)
  for (let k = 0, at = 0; k < height; k += 1)
    for (let v = k; v < live; v += 1, at += 1) matrix[order[v]! * columns + k] = rows[at]!
  for (let f = 0; f < flat.length; f += 1) matrix[order[live + f]! * columns + height + f] = flat[f]!
  const image = graph.node('MatMul', [away, graph.doubles('form', [width, columns], matrix)])
  return graph.rowSum(graph.node('Mul', [image, image]))
}

/** `x - center`, as double [N, channels]. @internal */
export function awayFrom(graph: GraphBuilder, rows: GraphRows, { order, center }: FormParts): string {
  const centers = new Float64Array(center.length)
  for (let u = 0; u < order.length; u += 1) centers[order[u]!] = center[u]!
  return graph.node('Sub', [rows.double(), graph.doubles('center', [1, centers.length], centers)])
}

/**
 * The shares of the channels, [N, channels] as double: the squares of the root times the distance, in proportion to the score; in equal
 * parts where all are 0.
 *
 * @internal
 */
export function writeFormShares(
  graph: GraphBuilder,
  away: string,
  score: string,
  parts: FormParts,
  root: Float64Array
): string {
  const width = parts.order.length
  const { order, live, flat } = parts
  const matrix = new Float64Array(width * width)
  for (let i = 0; i < live; i += 1)
    for (let v = 0; v < live; v += 1) matrix[order[v]! * width + order[i]!] = root[i * live + v]!
  for (let f = 0; f < flat.length; f += 1) matrix[order[live + f]! * width + order[live + f]!] = flat[f]!
  // Only their proportions count: below 1, their squares do not overflow.
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  for (let i = 0; i < matrix.length; i += 1) matrix[i] = largest > 0 ? matrix[i]! / largest : 0
  const image = graph.node('MatMul', [away, graph.doubles('root', [width, width], matrix)])
  return writeProportions(graph, graph.node('Mul', [image, image]), score, width)
}

/** `score` shared in proportion to parts that are >= 0. @internal */
export function writeProportions(graph: GraphBuilder, parts: string, score: string, width: number): string {
  const sum = graph.rowSum(parts)
  const isSome = graph.node('Greater', [sum, graph.doubles('none', [], [0])])
  const one = graph.doubles('one', [], [1])
  const proportions = graph.node('Div', [parts, graph.node('Where', [isSome, sum, one])])
  const equal = graph.doubles('equal', [1, width], new Float64Array(width).fill(1 / width))
  return graph.node('Mul', [score, graph.node('Where', [isSome, proportions, equal])])
}
