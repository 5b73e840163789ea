import { readFileSync } from 'node:fs'
import { type Duration, durationMs, parseUnit } from '@messwerk/core/model'

/**
 * A node whose values become a channel, or several: an id (`nsu=urn:plant;s=force`), a path of browse names below Objects
 * (`press3/force`), or either with options.
 *
 * A structure gives a channel for each number in it (`vib.rms`), an array one for each element (`spectrum.0`). The
 * number of a namespace changes when a controller is loaded anew, so ids name it by its URI.
 *
 * @example
 * ```ts
 * import type { OpcuaNode } from '@messwerk/transports/opcua'
 *
 * const force: OpcuaNode = { node: 'nsu=urn:plant;s=force', unit: 'kN', deadband: 0.1 }
 * force.deadband // => 0.1
 * ```
 */
export type OpcuaNode =
  | string
  | {
      /** `nsu=<uri>;s=<text>`, also `i=`, `g=`, `b=`; without `nsu` in OPC UA's own namespace. */
      readonly node?: string | undefined
      /**
       * Browse names below Objects, separated by `/` or as a list; each may say its namespace as `nsu=<uri>;name`.
       * Without one the name must be unique there.
       */
      readonly path?: string | readonly string[] | undefined
      /** UCUM code. @defaultValue what the server says (EngineeringUnits), else '1' */
      readonly unit?: string | undefined
      /** @defaultValue `sampling` of the source */
      readonly sampling?: Duration | undefined
      /**
       * Smaller changes are not reported: in `unit`, or `'2%'` of the node's EURange. Of single numbers only.
       * @defaultValue 0
       */
      readonly deadband?: number | `${number}%` | undefined
    }

/**
 * Streams by id, each with its nodes by channel name; or a JSON file that holds the same.
 *
 * @example
 * ```ts
 * import type { OpcuaStreams } from '@messwerk/transports/opcua'
 *
 * const streams: OpcuaStreams<'force'> = { 'press-3': { force: 'nsu=urn:plant;s=force' } }
 * Object.keys(streams) // => ['press-3']
 * ```
 */
export type OpcuaStreams<C extends string> = Readonly<Record<string, Readonly<Partial<Record<C, OpcuaNode>>>>>

/** @internal */
export type NodeAddress =
  | { readonly kind: 'id'; readonly uri: string | undefined; readonly identifier: string }
  | { readonly kind: 'path'; readonly steps: readonly { readonly uri: string | undefined; readonly name: string }[] }

/** @internal */
export interface NodePlan {
  readonly stream: string
  readonly name: string
  /** As it was written, for messages. */
  readonly text: string
  readonly address: NodeAddress
  readonly unit: string | undefined
  readonly samplingMs: number | undefined
  readonly deadband: { readonly value: number; readonly isPercent: boolean } | undefined
  /** Of a node that is written to: whether fractions become whole numbers. */
  readonly rounds: boolean
  /** Of a notifier: the least severity of its events. */
  readonly severity: number
}

const OF_SOURCE: readonly string[] = ['node', 'path', 'unit', 'sampling', 'deadband']

const NODE_ID = /^(?:nsu=([^;]+);|ns=(\d+);)?([isgb])=(.+)$/s

/**
 * All nodes, or all that is wrong with them in one error.
 *
 * @param keys - options that a node may have
 * @throws TypeError or RangeError @internal
 */
export function planNodes(streams: unknown, what: string, keys: readonly string[] = OF_SOURCE): NodePlan[] {
  const from = typeof streams === 'string' ? ` in ${streams}` : ''
  const given: unknown = typeof streams === 'string' ? fromFile(streams, what) : streams
  if (!isRecord(given)) throw new TypeError(`${what}: streams must be an object of streams, or the path of a JSON file`)
  const nodes: NodePlan[] = []
  const wrong: string[] = []
  for (const [stream, named] of Object.entries(given)) {
    if (!isRecord(named)) {
      wrong.push(`${stream}: must be an object of nodes by name`)
      continue
    }
    for (const [name, node] of Object.entries(named)) {
      try {
        nodes.push(planNode(stream, name, node, keys))
      } catch (error) {
        wrong.push(`${stream}, ${name}: ${(error as Error).message}`)
      }
    }
  }
  if (wrong.length > 0) throw new RangeError(`${what}: wrong nodes${from}: ${wrong.join('; ')}`)
  if (nodes.length === 0) throw new RangeError(`${what}: streams${from} must name at least one node`)
  return nodes
}

function fromFile(path: string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new RangeError(`${what}: streams: ${path} cannot be read as JSON: ${(error as Error).message}`)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function planNode(stream: string, name: string, node: unknown, keys: readonly string[]): NodePlan {
  const options = typeof node === 'string' ? { node } : node
  if (!isRecord(options)) throw new Error('must be a node id, a path, or an object with one of them')
  const { node: id, path, unit, sampling, deadband, round, severity = 0 } = options
  for (const key of Object.keys(options)) if (!keys.includes(key)) throw new Error(`has an unknown option '${key}'`)
  if ((id === undefined) === (path === undefined)) throw new Error('needs either node or path')
  if (!Number.isInteger(severity) || (severity as number) < 0 || (severity as number) > 1000) {
    throw new Error(`severity must be a whole number from 0 to 1000, got ${JSON.stringify(severity)}`)
  }
  if (unit !== undefined) parseUnit(String(unit))
  return {
    stream,
    name,
    text: [id ?? path].flat().join('/'),
    address: id === undefined ? pathOf(path) : addressOf(String(id)),
    unit: unit as string | undefined,
    samplingMs: sampling === undefined ? undefined : durationMs(sampling as Duration, 'sampling'),
    deadband: deadbandOf(deadband),
    rounds: round === true,
    severity: severity as number
  }
}

/** @throws Error that says what is wrong @internal */
function addressOf(text: string): NodeAddress {
  const parts = NODE_ID.exec(text)
  if (!parts) {
    if (text.includes('=')) throw new Error(`'${text}' is not a node id such as 'nsu=urn:plant;s=force'`)
    return pathOf(text)
  }
  const [, uri, index, kind, rest] = parts
  if (index !== undefined && index !== '0') {
    throw new Error(`'${text}' has a namespace index, which changes; write its URI: 'nsu=<uri>;${kind}=${rest}'`)
  }
  if (kind === 'i' && !/^\d+$/.test(rest as string)) throw new Error(`'${text}': i= must be a whole number`)
  return { kind: 'id', uri, identifier: `${kind}=${rest}` }
}

function pathOf(path: unknown): NodeAddress {
  const names = typeof path === 'string' ? path.split('/') : path
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw new Error(`'${String(path)}' is not a path such as 'press3/force'`)
  }
  const steps = names.map((name: string) => {
    const parts = /^nsu=([^;]+);(.+)$/s.exec(name)
    return { uri: parts?.[1], name: parts?.[2] ?? name }
  })
  return { kind: 'path', steps }
}

function deadbandOf(deadband: unknown): NodePlan['deadband'] {
  if (deadband === undefined || deadband === 0) return undefined
  const isPercent = typeof deadband === 'string' && deadband.endsWith('%')
  const value = isPercent ? Number(deadband.slice(0, -1)) : deadband
  if (typeof value === 'number' && value > 0 && Number.isFinite(value) && !(isPercent && value > 100)) {
    return { value, isPercent }
  }
  throw new Error(`deadband must be a number above 0 or such as '2%', got ${JSON.stringify(deadband)}`)
}
