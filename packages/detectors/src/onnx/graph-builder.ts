import type { OnnxAttribute, OnnxElement, OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from './graph.ts'

/**
 * Puts a graph together node by node; values are known by their names. Those inside begin with '/', so that no input or output is named
 * like one.
 *
 * @internal
 */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = []
  readonly #initializers: OnnxTensor[] = []
  readonly #inputs: OnnxValueInfo[] = []
  readonly #outputs: OnnxValueInfo[] = []

  input(name: string, dims: readonly (number | string)[]): string {
    this.#inputs.push({ name, element: 'float', dims })
    return name
  }

  /** Gives a value out under this name. */
  output(value: string, name: string, element: OnnxElement, dims: readonly (number | string)[]): void {
    this.#add('Identity', '', [value], name, [])
    this.#outputs.push({ name, element, dims })
  }

  doubles(name: string, dims: readonly number[], values: ArrayLike<number>): string {
    return this.#initializer({ name: `/${name}`, element: 'double', dims, values })
  }

  ints(name: string, values: ArrayLike<number>): string {
    return this.#initializer({ name: `/${name}`, element: 'int64', dims: [values.length], values })
  }

  /** A node of one output, which is named for it. */
  node(op: string, inputs: readonly string[], ...attributes: readonly OnnxAttribute[]): string {
    return this.#add(op, '', inputs, this.#free(op), attributes)
  }

  /** The same of the operators of classical models. */
  mlNode(op: string, inputs: readonly string[], ...attributes: readonly OnnxAttribute[]): string {
    return this.#add(op, 'ai.onnx.ml', inputs, this.#free(op), attributes)
  }

  toDouble(value: string): string {
    return this.node('Cast', [value], { name: 'to', kind: 'int', value: 11 })
  }

  toFloat(value: string): string {
    return this.node('Cast', [value], { name: 'to', kind: 'int', value: 1 })
  }

  /** [N, k] to [N, 1]. */
  rowSum(value: string): string {
    return this.node('ReduceSum', [value, this.#once('axis_1', [1])], { name: 'keepdims', kind: 'int', value: 1 })
  }

  /** [N, k, m] to [N, m]. */
  sumOfAxis1(value: string): string {
    return this.node('ReduceSum', [value, this.#once('axis_1', [1])], { name: 'keepdims', kind: 'int', value: 0 })
  }

  /** NaN stays NaN. */
  clip(value: string, least: string, most: string): string {
    const raised = this.node('Where', [this.node('Less', [value, least]), least, value])
    return this.node('Where', [this.node('Greater', [raised, most]), most, raised])
  }

  /** [N, 1] to [N]. */
  flat(value: string): string {
    return this.node('Squeeze', [value, this.#once('axis_1', [1])])
  }

  /** Versions of the operators that it uses. */
  opsets(standard: number, ml: number): ReadonlyMap<string, number> {
    const opsets = new Map([['', standard]])
    if (this.#nodes.some(({ domain }) => domain !== '')) opsets.set('ai.onnx.ml', ml)
    return opsets
  }

  graph(name: string): OnnxGraph {
    return {
      name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs
    }
  }

  #add(
    op: string,
    domain: string,
    inputs: readonly string[],
    output: string,
    attributes: readonly OnnxAttribute[]
  ): string {
    this.#nodes.push({ name: `${this.#nodes.length + 1}_${op}`, op, domain, inputs, outputs: [output], attributes })
    return output
  }

  #free(op: string): string {
    return `/${op.toLowerCase()}_${this.#nodes.length + 1}`
  }

  #once(name: string, values: readonly number[]): string {
    return this.#initializers.some((tensor) => tensor.name === `/${name}`) ? `/${name}` : this.ints(name, values)
  }

  #initializer(tensor: OnnxTensor): string {
    this.#initializers.push(tensor)
    return tensor.name
  }
}
