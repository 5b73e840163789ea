import { setTime, shown, type TimeUnit } from './payload-time.ts'
import type { ScanBuffer } from './scan-buffer.ts'

/** Names of fields, from the outside in. @internal */
export type Path = readonly string[]

/**
 * Where everything stands in one shape of a JSON payload.
 *
 * @internal
 */
export interface Shape {
  /** Undefined where this shape has no such channel. */
  readonly paths: readonly (Path | undefined)[]
  readonly names: readonly string[]
  readonly time: { readonly path: Path; readonly at: string; readonly unit: TimeUnit } | undefined
  readonly sequence: { readonly path: Path; readonly at: string } | undefined
}

/** @throws TypeError that names the option @internal */
export function pathOf(text: string, option: string): Path {
  const steps = typeof text === 'string' ? text.split('.') : []
  if (steps.length > 0 && steps.every((step) => step !== '')) return steps
  throw new TypeError(`${option} must name a field, such as 'ts' or 'meta.ts', got ${JSON.stringify(text)}`)
}

/** Adds an object for each element; returns the rule that the first bad one breaks. @internal */
export function addAll(shapes: readonly Shape[], values: readonly unknown[], into: ScanBuffer): string | undefined {
  if (values.length === 0) return 'is an empty list'
  for (let i = 0; i < values.length; i += 1) {
    const rule = addOne(shapes, values[i], into)
    if (rule !== undefined) return `element ${i} ${rule}`
  }
  return undefined
}

/** Adds what the first fitting shape finds; returns the rule of the first shape when none fits. @internal */
export function addOne(shapes: readonly Shape[], value: unknown, into: ScanBuffer): string | undefined {
  if (typeof value !== 'object' || value === null) return `is not an object: ${shown(value)}`
  let first: string | undefined
  for (const shape of shapes) {
    const rule = addShape(shape, value as Fields, into)
    if (rule === undefined) return undefined
    into.length -= 1
    first ??= rule
  }
  return first
}

type Fields = Readonly<Record<string, unknown>>

function addShape(shape: Shape, fields: Fields, into: ScanBuffer): string | undefined {
  const { paths, names, time, sequence } = shape
  const at = into.begin()
  const base = at * into.width
  let found = 0
  for (let c = 0; c < paths.length; c += 1) {
    const path = paths[c]
    const value = path && look(fields, path)
    if (value === undefined || value === null) continue
    const number = typeof value === 'boolean' || typeof value === 'bigint' ? Number(value) : value
    if (typeof number !== 'number') return `channel '${names[c]}' must be a number, got ${shown(value)}`
    found += 1
    if (Number.isNaN(number)) continue // binary formats have it, JSON has not
    if (!Number.isFinite(number)) return `channel '${names[c]}' must be finite, got ${number}`
    into.values[base + c] = number
  }
  if (found === 0) return `has none of the channels ${names.join(', ')}`
  const rule = time && setTime(into, at, look(fields, time.path), time.unit)
  if (rule !== undefined) return `field '${time?.at}': ${rule}`
  return sequence && setSequence(into, at, look(fields, sequence.path), sequence.at)
}

function setSequence(into: ScanBuffer, at: number, value: unknown, field: string): string | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (!Number.isSafeInteger(number)) return `field '${field}' must be a whole number, got ${shown(value)}`
  into.sequence[at] = number as number
  return undefined
}

function look(fields: Fields, path: Path): unknown {
  let value: unknown = fields
  for (let i = 0; i < path.length; i += 1) {
    const step = path[i] as string
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Fields)[step]
  }
  return value
}
