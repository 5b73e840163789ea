import { attribute, nameOf } from '../attributes.ts'
import type { OnnxNode, OnnxTensor } from '../graph.ts'
import { type Chain, placed } from './chain.ts'
import { Refusal } from './refusal.ts'

/** A value of the graph that has one row for each row of the input: its dimensions without those of the batch, and how it comes about. @internal */
export interface Rows {
  readonly kind: 'rows'
  readonly dims: readonly number[]
  readonly chain: Chain
}

/**
 * Reads a new shape; the numbers of a row must stay together and in order.
 *
 * @param isSingle - there is one row at a time
 * @internal
 */
export function reshaped(node: OnnxNode, { chain, dims }: Rows, shape: ArrayLike<number>, isSingle: boolean): Rows {
  const isCopied = attribute(node, 'allowzero', 'int') !== 1
  const [batch, ...rest] = Array.from(shape)
  const next = rest.map((dim, k) => (dim === 0 && isCopied ? (dims[k] ?? -2) : dim))
  const known = next.reduce((product, dim) => (dim === -1 ? product : product * dim), 1)
  const open = next.filter((dim) => dim === -1).length
  const filled = next.map((dim) => (dim === -1 ? chain.size / known : dim))
  const size = filled.reduce((product, dim) => product * dim, 1)
  const isBatch = batch === -1 || (batch === 0 && isCopied) || (batch === 1 && (isSingle || open === 0))
  if (!isBatch || open > 1 || size !== chain.size || filled.some((dim) => !(Number.isInteger(dim) && dim > 0)))
    throw new Refusal(`${nameOf(node)} makes rows of other rows`)
  return { kind: 'rows', dims: filled, chain }
}

/** @internal */
export function flattened(node: OnnxNode, { chain }: Rows): Rows {
  if ((attribute(node, 'axis', 'int') ?? 1) !== 1) throw new Refusal(`${nameOf(node)} makes rows of other rows`)
  return { kind: 'rows', dims: [chain.size], chain }
}

/** Adds or takes away dimensions of 1. @internal */
export function squeezed(node: OnnxNode, { chain, dims }: Rows, axes: ArrayLike<number>): Rows {
  const isMore = node.op === 'Unsqueeze'
  const rank = dims.length + 1 + (isMore ? axes.length : 0)
  const at = Array.from(axes, (axis) => (axis < 0 ? axis + rank : axis) - 1).sort((a, b) => a - b)
  const next = dims.slice()
  for (const axis of isMore ? at : at.toReversed()) {
    const isRight = axis >= 0 && (isMore ? axis <= next.length : next[axis] === 1)
    if (!isRight) throw new Refusal(`${nameOf(node)} changes the dimension of the rows`)
    next.splice(axis, isMore ? 0 : 1, ...(isMore ? [1] : []))
  }
  if (at.length === 0) throw new Refusal(`${nameOf(node)} names no axes`)
  return { kind: 'rows', dims: next, chain }
}

/** The axes of windows the other way round. @internal */
export function transposed(node: OnnxNode, { chain, dims }: Rows): Rows {
  const perm = Array.from(attribute(node, 'perm', 'ints') ?? []).join()
  if (dims.length !== 2 || perm !== '0,2,1') throw new Refusal(`${nameOf(node)} moves axes by ${perm}`)
  const [a, b] = [dims[0]!, dims[1]!]
  const source = Int32Array.from({ length: chain.size }, (_, i) => (i % a) * b + Math.floor(i / a))
  return {
    kind: 'rows',
    dims: [b, a],
    chain: placed(chain, { source, scale: ones(chain.size), offset: new Float64Array(chain.size) })
  }
}

/** Each number times its `scale` plus its `offset`. @internal */
export function scaled(rows: Rows, scale: Float64Array, offset: Float64Array): Rows {
  const source = Int32Array.from(scale, (_, i) => i)
  return { kind: 'rows', dims: rows.dims, chain: placed(rows.chain, { source, scale, offset }) }
}

/** @internal */
function ones(size: number): Float64Array {
  return new Float64Array(size).fill(1)
}

/** A constant with one number for each of a row, as operators repeat it: along dimensions of 1. @internal */
export function spread(node: OnnxNode, { dims }: Rows, { dims: own, values, strings }: OnnxTensor): Float64Array {
  const rank = dims.length + 1
  const full = Array<number>(Math.max(rank - own.length, 0))
    .fill(1)
    .concat(own)
  const fits = full.length === rank && full[0] === 1 && full.slice(1).every((dim, k) => dim === 1 || dim === dims[k])
  if (!fits || strings !== undefined)
    throw new Refusal(`${nameOf(node)} has a constant of ${own.join(' x ')} for rows of ${dims.join(' x ')}`)
  const size = dims.reduce((product, dim) => product * dim, 1)
  const out = new Float64Array(size)
  for (let i = 0; i < size; i += 1) {
    let [at, rest, unit] = [0, i, 1]
    for (let d = dims.length - 1; d >= 0; d -= 1) {
      const place = rest % dims[d]!
      rest = Math.floor(rest / dims[d]!)
      if (full[d + 1]! > 1) at += place * unit
      unit *= full[d + 1]!
    }
    out[i] = values[at]!
  }
  return out
}
