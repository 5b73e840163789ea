import { ModelError } from '@messwerk/core/model'
import type { OnnxPlan } from './onnx-detector-options.ts'
import type { OnnxSession, RuntimeValue } from './onnx-runtime.ts'

/** One input of a model, and what goes into it. @internal */
export interface ModelInput {
  readonly name: string
  readonly type: 'float32' | 'float64'
  /** Which of the channels in use, in the order of the model. */
  readonly columns: Int32Array
  /** Axes behind the first, which counts the rows. */
  readonly shape: readonly number[]
  /** Values of one row. */
  readonly size: number
}

/** @internal */
export interface ModelInputs {
  readonly inputs: readonly ModelInput[]
  /** The number of rows that every run must have, for a model that was exported with a fixed one. */
  readonly rows: number | undefined
}

/**
 * Binds the inputs of a model to channels, and checks their shapes.
 *
 * @param channels - names of the channels in use
 * @throws ModelError `channel` where they do not fit, `unsupported` where an input takes something else than floats
 *
 * @internal
 */
export function modelInputs(session: OnnxSession, plan: OnnxPlan, channels: readonly string[]): ModelInputs {
  const of = channelsByInput(session.inputNames, plan, channels)
  const inputs: ModelInput[] = []
  let rows: number | undefined
  for (const [name, names] of of) {
    const value = session.inputMetadata?.find((input) => input.name === name)
    const shape = shapeFor(plan, names, value)
    const first = openOr(value?.shape?.[0])
    if (first !== undefined && shape.length + 1 === value?.shape?.length) rows = Math.min(rows ?? first, first)
    inputs.push({
      name,
      type: typeOf(plan, name, value),
      columns: Int32Array.from(names, (channel) => channels.indexOf(channel)),
      shape,
      size: plan.scans * names.length
    })
  }
  return { inputs, rows }
}

function channelsByInput(
  names: readonly string[],
  { label, inputs }: OnnxPlan,
  channels: readonly string[]
): ReadonlyMap<string, readonly string[]> {
  if (inputs !== undefined) {
    if (names.toSorted().join() === [...inputs.keys()].toSorted().join()) return inputs
    throw new ModelError(
      'channel',
      `onnxDetector: ${label} has the inputs ${names.join(', ')}, the option inputs binds ${[...inputs.keys()].join(', ')}`
    )
  }
  if (names.length === 1) return new Map([[names[0]!, channels]])
  if (names.length === channels.length && names.every((name) => channels.includes(name)))
    return new Map(names.map((name) => [name, [name]]))
  throw new ModelError(
    'channel',
    `onnxDetector: ${label} has the inputs ${names.join(', ')}, the channels are ${channels.join(', ')}; say which takes which: inputs: { '${names[0]}': '${channels[0]}', ... }`
  )
}

function typeOf({ label }: OnnxPlan, name: string, value: RuntimeValue | undefined): 'float32' | 'float64' {
  if (value === undefined) return 'float32'
  const { type = 'no tensor' } = value
  if (type === 'float32' || type === 'float64') return type
  throw new ModelError('unsupported', `onnxDetector: ${label}: input '${name}' takes ${type}, not float32 or float64`)
}

/** The shape of a row: flat where the model takes two axes. */
function shapeFor(plan: OnnxPlan, channels: readonly string[], value: RuntimeValue | undefined): readonly number[] {
  const width = channels.length
  const flat = [plan.scans * width]
  const shape = plan.layout === undefined ? flat : plan.layout === 'NTC' ? [plan.scans, width] : [width, plan.scans]
  const expected = value?.shape
  // No axes at all: the model does not tell.
  if (expected === undefined || expected.length === 0) return shape
  for (const candidate of [shape, flat]) {
    const fits = candidate.every((size, i) => (openOr(expected[i + 1]) ?? size) === size)
    if (fits && expected.length === candidate.length + 1) return candidate
  }
  throw new ModelError(
    'channel',
    `onnxDetector: ${plan.label}: input '${value!.name}' takes ${textOf(expected)}, given are ${textOf(['N', ...shape])}: ${width} channels (${channels.join(', ')})${plan.layout === undefined ? '' : ` in windows of ${plan.scans} scans, ${plan.layout}`}`
  )
}

/** A fixed size of an axis, or nothing. */
function openOr(size: number | string | undefined): number | undefined {
  return typeof size === 'number' && size >= 1 && size < 0x8000_0000 ? size : undefined
}

function textOf(shape: readonly (number | string)[]): string {
  return `[${shape.map((size) => openOr(size) ?? (typeof size === 'string' && size !== '' ? size : 'any')).join(', ')}]`
}
