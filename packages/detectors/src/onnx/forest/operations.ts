import { attribute, numbers } from '../attributes.ts'
import type { OnnxNode, OnnxTensor } from '../graph.ts'
import { unknown } from './front.ts'
import type { Meaning, Power } from './meaning.ts'
import type { Sum, SumArithmetic } from './sum.ts'

type Sums = Extract<Meaning, { kind: 'sums' }>

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Ceil: Math.ceil,
  Floor: Math.floor,
  Log: Math.log,
  Not: (x) => Number(x === 0),
  Sqrt: Math.sqrt
}

const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y,
  Sub: (x, y) => x - y,
  Mul: (x, y) => x * y,
  Div: (x, y) => x / y,
  Equal: (x, y) => Number(x === y),
  Greater: (x, y) => Number(x > y),
  GreaterOrEqual: (x, y) => Number(x >= y),
  Less: (x, y) => Number(x < y),
  LessOrEqual: (x, y) => Number(x <= y),
  Max: Math.max,
  Min: Math.min
}

/** @internal */
export function unary(node: OnnxNode, value: Meaning, arithmetic: SumArithmetic): Meaning {
  if (value.kind === 'power' && node.op === 'Neg') return times(value, -1)
  if (value.kind !== 'sums') return unknown(node, 'is not read behind trees')
  if (node.op === 'Neg') return each(value, (sum) => arithmetic.times(sum, -1))
  if (node.op === 'Exp' && isScore(value))
    return { kind: 'power', exponent: arithmetic.times(value.sums[0]!, 1 / Math.LN2), factor: 1, addend: 0 }
  const f = Object.hasOwn(UNARY, node.op) ? UNARY[node.op] : undefined
  return f === undefined ? unknown(node, 'is not read behind trees') : mapped(node, value, f, arithmetic)
}

/** Path lengths over all trees end in a power; a power of one tree's numbers is one of these as well. */
function isScore({ sums }: Sums): boolean {
  return sums.length === 1 && sums[0]!.tables.size > 0
}

/** @internal */
export function binary(node: OnnxNode, a: Meaning, b: Meaning, arithmetic: SumArithmetic): Meaning {
  const { op } = node
  if (a.kind === 'columns' || b.kind === 'columns')
    return op === 'Sub' && a === b ? { kind: 'zero' } : unknown(node, 'is not read before trees')
  if (op === 'Add' && a.kind === 'zero') return b
  if (op === 'Add' && b.kind === 'zero') return a
  if (op === 'Pow') return powered(node, a, b)
  if (a.kind === 'power' || b.kind === 'power') return ofPower(node, a, b)
  if (a.kind === 'constant' && b.kind === 'sums') return ofConstant(node, b, a.tensor, true, arithmetic)
  if (a.kind === 'sums' && b.kind === 'constant') return ofConstant(node, a, b.tensor, false, arithmetic)
  if (a.kind !== 'sums' || b.kind !== 'sums') return unknown(node, 'is not read behind trees')
  if (a.isFlat !== b.isFlat || a.sums.length !== b.sums.length) return unknown(node, 'takes values of unlike shapes')
  const isSum = op === 'Add' || op === 'Sub'
  const f = Object.hasOwn(BINARY, op) ? BINARY[op] : undefined
  if (f === undefined) return unknown(node, 'is not read behind trees')
  return collected(node, a, (sum, k) => {
    const other = b.sums[k]!
    if (!isSum) return arithmetic.zip(sum, other, f)
    return arithmetic.total([sum, op === 'Sub' ? arithmetic.times(other, -1) : other])
  })
}

/** One number, or undefined: a constant of more dimensions than the value would give it more too. */
function numberOf({ values, dims, strings }: OnnxTensor, isFlat: boolean): number | undefined {
  return values.length === 1 && strings === undefined && dims.length <= (isFlat ? 1 : 2) ? values[0] : undefined
}

function ofConstant(
  node: OnnxNode,
  value: Sums,
  tensor: OnnxTensor,
  isFirst: boolean,
  arithmetic: SumArithmetic
): Meaning {
  const { op } = node
  const number = numberOf(tensor, value.isFlat)
  if (number === undefined) return unknown(node, 'has a constant of more than one number')
  if (op === 'Add' || (op === 'Sub' && !isFirst))
    return each(value, (sum) => arithmetic.plus(sum, op === 'Sub' ? -number : number))
  if (op === 'Sub') return each(value, (sum) => arithmetic.plus(arithmetic.times(sum, -1), number))
  if (op === 'Mul' || (op === 'Div' && !isFirst))
    return each(value, (sum) => arithmetic.times(sum, op === 'Div' ? 1 / number : number))
  const f = Object.hasOwn(BINARY, op) ? BINARY[op] : undefined
  if (f === undefined) return unknown(node, 'is not read behind trees')
  return mapped(node, value, isFirst ? (x) => f(number, x) : (x) => f(x, number), arithmetic)
}

/** The base must be 2: the score of the paper. */
function powered(node: OnnxNode, base: Meaning, exponent: Meaning): Meaning {
  const number = base.kind === 'constant' ? numberOf(base.tensor, false) : undefined
  if (number !== 2 || exponent.kind !== 'sums' || !isScore(exponent)) return unknown(node, 'is no power of 2')
  return { kind: 'power', exponent: exponent.sums[0]!, factor: 1, addend: 0 }
}

/** Sums with and multiples by a number; that a power is not beyond any number from 1. */
function ofPower(node: OnnxNode, a: Meaning, b: Meaning): Meaning {
  const [power, other] = a.kind === 'power' ? [a, b] : [b as Power, a]
  const number = other.kind === 'constant' ? numberOf(other.tensor, false) : undefined
  const isFirst = power === a
  if (number === undefined) return unknown(node, 'takes the score together with something else')
  if (node.op === 'Add') return plus(power, number)
  if (node.op === 'Sub') return isFirst ? plus(power, -number) : plus(times(power, -1), number)
  if (node.op === 'Mul') return times(power, number)
  if (node.op === 'Div' && isFirst) return times(power, 1 / number)
  const isBounded = power.factor === 1 && power.addend === 0 && number >= 1
  if (node.op === 'LessOrEqual' && isFirst && isBounded) return { kind: 'always' }
  return unknown(node, 'decides by the score')
}

function times({ exponent, factor, addend }: Power, by: number): Power {
  return { kind: 'power', exponent, factor: factor * by, addend: addend * by }
}

function plus({ exponent, factor, addend }: Power, more: number): Power {
  return { kind: 'power', exponent, factor, addend: addend + more }
}

/** @internal */
export function where(node: OnnxNode, condition: Meaning, yes: Meaning, no: Meaning): Meaning {
  if (condition.kind === 'always' && no.kind === 'constant' && numberOf(no.tensor, false) !== undefined) return yes
  return unknown(node, 'chooses between values')
}

/** @internal */
export function nary(node: OnnxNode, values: readonly Meaning[], arithmetic: SumArithmetic): Meaning {
  if (node.op !== 'Sum')
    return values.length === 2 ? binary(node, values[0]!, values[1]!, arithmetic) : unknown(node, 'has not two inputs')
  const sums: Sum[] = []
  let isFlat: boolean | undefined
  for (const value of values) {
    if (value.kind !== 'sums' || value.sums.length !== 1) return unknown(node, 'adds up more than path lengths')
    isFlat ??= value.isFlat
    if (isFlat !== value.isFlat) return unknown(node, 'takes values of unlike shapes')
    sums.push(value.sums[0]!)
  }
  return { kind: 'sums', sums: [arithmetic.total(sums)], isFlat: isFlat ?? false }
}

/** @internal */
export function cast(node: OnnxNode, value: Meaning, arithmetic: SumArithmetic): Meaning {
  const to = attribute(node, 'to', 'int')
  if (to === 1 || to === 11) return value
  if (value.kind !== 'sums' || (to !== 6 && to !== 7)) return unknown(node, 'takes a value as other than a number')
  return mapped(node, value, Math.trunc, arithmetic)
}

/** `LabelEncoder` from numbers to numbers: which leaf, to what is known of it. @internal */
export function labels(node: OnnxNode, value: Meaning, arithmetic: SumArithmetic): Meaning {
  const keys = numbers(node, 'keys_int64s', 'keys_floats', 'keys_tensor')
  const values = numbers(node, 'values_floats', 'values_int64s', 'values_tensor')
  if (value.kind !== 'sums' || keys === undefined || values?.length !== keys.length)
    return unknown(node, 'does not turn numbers of leaves into numbers')
  const table = new Map(Array.from(keys, (key, k) => [key, values[k]!]))
  if (table.size !== keys.length) return unknown(node, 'has a key twice')
  const sums = collected(node, value, (sum) => arithmetic.map(sum, (x) => table.get(x) ?? Number.NaN))
  const isWhole =
    sums.kind !== 'sums' || sums.sums.every(({ tables }) => [...tables.values()].every((t) => !t.includes(Number.NaN)))
  return isWhole ? sums : unknown(node, 'lacks a leaf')
}

/** Over the columns of a row. @internal */
export function reduceSum(
  node: OnnxNode,
  value: Meaning,
  axes: Meaning | undefined,
  arithmetic: SumArithmetic
): Meaning {
  if (value.kind === 'zero') return value
  const given = axes?.kind === 'constant' ? axes.tensor.values : (attribute(node, 'axes', 'ints') ?? [])
  const isRow = given.length === 1 && (given[0] === 1 || given[0] === -1)
  if (value.kind !== 'sums' || value.isFlat || !isRow) return unknown(node, 'does not add up the columns of a row')
  return { kind: 'sums', sums: [arithmetic.total(value.sums)], isFlat: attribute(node, 'keepdims', 'int') === 0 }
}

function each({ sums, isFlat }: Sums, f: (sum: Sum) => Sum): Sums {
  return { kind: 'sums', sums: sums.map(f), isFlat }
}

function mapped(node: OnnxNode, value: Sums, f: (x: number) => number, arithmetic: SumArithmetic): Meaning {
  return collected(node, value, (sum) => arithmetic.map(sum, f))
}

function collected(node: OnnxNode, { sums, isFlat }: Sums, f: (sum: Sum, k: number) => Sum | undefined): Meaning {
  const results = sums.map(f)
  const isWhole = results.every((sum) => sum !== undefined)
  return isWhole ? { kind: 'sums', sums: results, isFlat } : unknown(node, 'is taken of more than one tree at once')
}
