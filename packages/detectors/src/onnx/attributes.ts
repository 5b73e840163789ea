import type { OnnxNode, OnnxTensor } from './graph.ts'

/** How a node is called in messages. @internal */
export function nameOf({ op, name, outputs }: OnnxNode): string {
  return `node '${name || outputs[0] || ''}' (${op})`
}

interface Kinds {
  readonly float: number
  readonly int: number
  readonly string: string
  readonly ints: ArrayLike<number>
  readonly strings: readonly string[]
}

/** The value of an attribute of this kind; undefined where the node has none. @internal */
export function attribute<K extends keyof Kinds>(node: OnnxNode, name: string, kind: K): Kinds[K] | undefined {
  const found = node.attributes.find((each) => each.name === name)
  return found?.kind === kind ? (found as { readonly value: unknown } as { readonly value: Kinds[K] }).value : undefined
}

/** Numbers that are a list or, in later versions of an operator, a tensor. @internal */
export function numbers(node: OnnxNode, ...names: readonly string[]): ArrayLike<number> | undefined {
  for (const name of names) {
    const found = node.attributes.find((each) => each.name === name)
    if (found?.kind === 'floats' || found?.kind === 'ints') return found.value
    if (found?.kind === 'tensor' && found.value.strings === undefined) return found.value.values
  }
  return undefined
}

/** Whether all attributes are among those that the caller looks at. @internal */
export function isKnown(node: OnnxNode, ...names: readonly string[]): boolean {
  return node.attributes.every(({ name }) => names.includes(name))
}

/** The tensor of a `Constant` node. @internal */
export function constantOf(node: OnnxNode): OnnxTensor | undefined {
  const [only, more] = node.attributes
  if (only === undefined || more !== undefined) return undefined
  const name = node.outputs[0] ?? ''
  if (only.kind === 'tensor') return only.value
  if (only.kind === 'float') return { name, element: 'float', dims: [], values: [only.value] }
  if (only.kind === 'int') return { name, element: 'int64', dims: [], values: [only.value] }
  if (only.kind === 'floats') return { name, element: 'float', dims: [only.value.length], values: only.value }
  if (only.kind === 'ints') return { name, element: 'int64', dims: [only.value.length], values: only.value }
  return undefined
}
