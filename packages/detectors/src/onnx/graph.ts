/** Element types by their codes in ONNX (`TensorProto.DataType`); those that are left out are refused. @internal */
export const ELEMENTS = {
  1: 'float',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  11: 'double',
  12: 'uint32',
  13: 'uint64'
} as const

/** @internal */
export type OnnxElement = (typeof ELEMENTS)[keyof typeof ELEMENTS]

/**
 * Values in row-major order: `float` as Float32Array, all others as Float64Array (whole numbers beyond 2^53 lose their last digits; bool as
 * 0 and 1). `dims` is empty for a scalar.
 *
 * @internal
 */
export interface OnnxTensor {
  readonly name: string
  readonly element: OnnxElement
  readonly dims: readonly number[]
  readonly values: ArrayLike<number>
  /** Only of element `string`; `values` is empty then. */
  readonly strings?: readonly string[]
}

/** `other` = a graph, a sparse tensor, a type: no node that needs one is read natively. @internal */
export type OnnxAttribute = { readonly name: string } & (
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'floats'; readonly value: ArrayLike<number> }
  | { readonly kind: 'ints'; readonly value: ArrayLike<number> }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'other' }
)

/** @internal */
export interface OnnxNode {
  readonly name: string
  /** Such as 'Gemm'. */
  readonly op: string
  /** '' = the standard operators, 'ai.onnx.ml' = those of classical models. */
  readonly domain: string
  /** An input that is left out has an empty name. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: readonly OnnxAttribute[]
}

/** An input or output; a dimension is a number or, where it is open, its name ('' = none). @internal */
export interface OnnxValueInfo {
  readonly name: string
  readonly element?: OnnxElement
  readonly dims?: readonly (number | string)[]
}

/** @internal */
export interface OnnxGraph {
  readonly name: string
  /** Each after those that it needs. */
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  /** Without the initializers, which old writers name here too. */
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
}

/**
 * An ONNX file as plain data.
 *
 * @internal
 */
export interface OnnxModel {
  readonly irVersion: number
  readonly producer: string
  readonly producerVersion: string
  /** Version by domain; '' = the standard operators. */
  readonly opsets: ReadonlyMap<string, number>
  readonly graph: OnnxGraph
  readonly metadata: ReadonlyMap<string, string>
}
