import { attribute, nameOf, numbers } from '../attributes.ts'
import type { OnnxNode, OnnxTensor } from '../graph.ts'
import type { Beyond, Column, Columns, Meaning, Unknown } from './meaning.ts'
import { isRising, type Step } from './steps.ts'

/** Steps before the trees: more of them are no scaler. */
const MOST_STEPS = 8
/** Channels of all inputs, and columns made of them. @internal */
export const MOST_COLUMNS = 65_536

/** @internal */
export function unknown(node: OnnxNode, why: string): Unknown {
  return { kind: 'unknown', why: `${nameOf(node)} ${why}` }
}

/** `Scaler`: (x - offset) x scale. @internal */
export function scaler(node: OnnxNode, { columns }: Columns): Meaning {
  const offset = numbers(node, 'offset') ?? [0]
  const scale = numbers(node, 'scale') ?? [1]
  const shifted = stepped(node, columns, 'subtract', offset)
  return shifted.kind === 'columns' ? stepped(node, shifted.columns, 'multiply', scale) : shifted
}

/** Columns with a constant of one number, or of one a column. @internal */
export function withConstant(node: OnnxNode, op: Step['op'], { columns }: Columns, by: OnnxTensor): Meaning {
  const rowDims = by.dims.slice(0, -1)
  if (by.dims.length > 2 || rowDims.some((dim) => dim !== 1))
    return unknown(node, `has a constant of ${by.dims.join(' x ')}`)
  return stepped(node, columns, op, by.values)
}

function stepped(node: OnnxNode, columns: readonly Column[], op: Step['op'], by: ArrayLike<number>): Meaning {
  if (by.length !== 1 && by.length !== columns.length)
    return unknown(node, `has ${by.length} numbers for ${columns.length} channels`)
  const next: Column[] = []
  for (let c = 0; c < columns.length; c += 1) {
    const { channel, steps, isDouble } = columns[c]!
    const step = { op, by: by[by.length === 1 ? 0 : c]!, isDouble }
    if (!isRising(step)) return unknown(node, `would ${op} by ${step.by}, which turns the order of values`)
    if (steps.length === MOST_STEPS) return unknown(node, 'is one of too many changes of scale')
    next.push({ channel, steps: steps.concat(step), isDouble })
  }
  return { kind: 'columns', columns: next }
}

/** `Cast` to float32 or double. @internal */
export function castColumns(node: OnnxNode, { columns }: Columns): Meaning {
  const to = attribute(node, 'to', 'int')
  if (to !== 1 && to !== 11) return unknown(node, 'takes the channels as other than float or double')
  const isDouble = to === 11
  const next = columns.map(({ channel, steps, isDouble: wasDouble }) => {
    const isRounded = wasDouble && !isDouble && steps.length > 0
    return { channel, steps: isRounded ? steps.concat({ op: 'round', by: 0, isDouble }) : steps, isDouble }
  })
  return { kind: 'columns', columns: next }
}

/** `Clip`; its bounds are attributes before opset 11. @internal */
export function clip(node: OnnxNode, value: Columns, low: Meaning | undefined, high: Meaning | undefined): Meaning {
  const bound = (given: Meaning | undefined, name: string): OnnxTensor | undefined => {
    const number = attribute(node, name, 'float')
    if (number !== undefined) return { name, element: 'float', dims: [], values: [number] }
    return given?.kind === 'constant' ? given.tensor : undefined
  }
  const [from, to] = [bound(low, 'min'), bound(high, 'max')]
  const lower = from ? withConstant(node, 'at-least', value, from) : value
  return to && lower.kind === 'columns' ? withConstant(node, 'at-most', lower, to) : lower
}

/** `Where` that takes the bound in place of what is beyond it. @internal */
export function bounded(node: OnnxNode, { isBelow, of, by }: Beyond, yes: Meaning, no: Meaning): Meaning {
  const isBound = yes.kind === 'constant' && yes.tensor === by && no.kind === 'columns' && no.columns === of.columns
  return isBound
    ? withConstant(node, isBelow ? 'at-least' : 'at-most', of, by)
    : unknown(node, 'chooses between values')
}

/** `Gather` along axis 1, and `ArrayFeatureExtractor`. @internal */
export function gather(node: OnnxNode, { columns }: Columns, { values, dims }: OnnxTensor): Meaning {
  const axis = node.op === 'Gather' ? (attribute(node, 'axis', 'int') ?? 0) : 1
  if ((axis !== 1 && axis !== -1) || dims.length !== (node.op === 'Gather' ? 1 : dims.length))
    return unknown(node, 'does not choose columns')
  if (values.length > MOST_COLUMNS) return unknown(node, `chooses ${values.length} columns`)
  const chosen: Column[] = []
  for (let k = 0; k < values.length; k += 1) {
    const at = values[k]!
    const column = columns[at < 0 ? at + columns.length : at]
    if (column === undefined) return unknown(node, `chooses column ${at} of ${columns.length}`)
    chosen.push(column)
  }
  return { kind: 'columns', columns: chosen }
}

/** `Concat` along axis 1, and `FeatureVectorizer`. @internal */
export function concat(node: OnnxNode, parts: readonly Meaning[]): Meaning {
  const axis = node.op === 'Concat' ? attribute(node, 'axis', 'int') : 1
  if (axis !== 1 && axis !== -1) return unknown(node, 'does not put columns side by side')
  const widths = numbers(node, 'inputdimensions')
  const columns: Column[] = []
  for (const [k, part] of parts.entries()) {
    if (part.kind !== 'columns') return unknown(node, 'puts more than channels side by side')
    if (columns.length + part.columns.length > MOST_COLUMNS) return unknown(node, 'makes too many columns')
    if (widths && widths[k] !== part.columns.length) return unknown(node, 'takes a part of its columns')
    for (const column of part.columns) columns.push(column)
  }
  return { kind: 'columns', columns }
}
