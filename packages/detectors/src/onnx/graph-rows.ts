import type { ScalerJson } from '../scalers/scaler-json.ts'
import type { GraphBuilder } from './graph-builder.ts'
import { writeScaler } from './write-scaler.ts'

/** The rows that a model looks at, scaled where there is a scaler; each form is written when it is first asked for. @internal */
export class GraphRows {
  readonly #graph: GraphBuilder
  readonly #input: string
  readonly #scaler: ScalerJson | undefined
  #double: string | undefined
  #float: string | undefined

  /** @param input - float32 [N, channels] or [N, scans, channels] */
  constructor(graph: GraphBuilder, input: string, scaler: ScalerJson | undefined) {
    this.#graph = graph
    this.#input = input
    this.#scaler = scaler
    if (scaler === undefined) this.#float = input
  }

  double(): string {
    if (this.#double !== undefined) return this.#double
    const values = this.#graph.toDouble(this.#input)
    this.#double = this.#scaler ? writeScaler(this.#graph, values, this.#scaler) : values
    return this.#double
  }

  float(): string {
    this.#float ??= this.#graph.toFloat(this.double())
    return this.#float
  }
}
