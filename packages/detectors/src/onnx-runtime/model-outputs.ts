import { ModelError } from '@messwerk/core/model'
import type { OnnxPlan } from './onnx-detector-options.ts'
import type { OnnxSession, RuntimeTensor } from './onnx-runtime.ts'
import { type ValueScore, valueScore } from './onnx-score.ts'

/** The output that the score is of, and what a row of it holds. @internal */
export interface ModelOutput {
  readonly name: string
  /** Absent for `reconstruction`. */
  readonly value: ValueScore | undefined
  /** Values of one row. */
  readonly size: number
}

/**
 * @param inputSize - values of one row of the input
 * @throws ModelError `unsupported` where there is no such output
 *
 * @internal
 */
export function modelOutput(session: OnnxSession, { label, score }: OnnxPlan, inputSize: number): ModelOutput {
  const names = session.outputNames
  const value = valueScore(score)
  if (value !== undefined && !names.includes(value.output))
    throw new ModelError(
      'unsupported',
      `onnxDetector: ${label} has no output '${value.output}', but ${names.join(', ')}${value.hint}`
    )
  if (value !== undefined) return { name: value.output, value, size: 1 }
  if (session.inputNames.length === 1) return { name: names[0]!, value, size: inputSize }
  throw new ModelError(
    'unsupported',
    `onnxDetector: ${label} has the inputs ${session.inputNames.join(', ')}: score 'reconstruction' needs a model with one`
  )
}

/** The numbers of an output for `rows` rows. @throws ModelError @internal */
export function outputValues(
  label: string,
  { name, value, size }: ModelOutput,
  tensor: RuntimeTensor | undefined,
  rows: number
): ArrayLike<number> {
  const { type = 'nothing', dims = [], data } = tensor ?? {}
  if (type !== 'float32' && type !== 'float64')
    throw new ModelError('unsupported', `onnxDetector: ${label}: output '${name}' holds ${type}, not floats`)
  const values = data as ArrayLike<number>
  if (values.length === rows * size) return values
  const expected = value ? 'one number a row' : `the ${size} values of the input a row`
  throw new ModelError(
    'unsupported',
    `onnxDetector: ${label}: output '${name}' is [${dims.join(', ')}] for ${rows} rows, expected is ${expected}`
  )
}
