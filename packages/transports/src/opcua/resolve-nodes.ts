import type { Channel } from '@messwerk/core/model'
import type { ClientSession, DataValue, NodeId } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { type LocatedNode, locateNodes, type NodeProblem, problemOf, wrongNodes } from './locate-nodes.ts'
import type { NodePlan } from './node-plan.ts'
import { READS, readInChunks } from './read-in-chunks.ts'
import { type EngineeringUnits, ucumOf } from './unece-units.ts'
import { columnsOf, type ValueColumn } from './value-columns.ts'

/** A node as the server has it now. @internal */
export interface ResolvedNode {
  readonly plan: NodePlan
  readonly nodeId: NodeId
  /** Name of its built-in type, such as `Double`. */
  readonly type: string
  readonly columns: readonly ValueColumn[]
  readonly channels: readonly Channel[]
}

const WRONG_TYPE = 0x80740000

/**
 * Looks all nodes up: namespaces by their URI, paths by browsing, then types, units and ranges.
 *
 * @param isKnown - whether they were all there before: then a node that is missing may come
 * @throws DeviceError or NotConnectedError that names all wrong nodes @internal
 */
export async function resolveNodes(
  session: ClientSession,
  lib: OpcuaLibrary,
  plans: readonly NodePlan[],
  options: { readonly url: string; readonly isKnown: boolean }
): Promise<ResolvedNode[]> {
  const problems: NodeProblem[] = []
  const found = await locateNodes(session, lib, plans, problems)
  const values = await readAll(session, lib, found)
  const properties = await readProperties(session, lib, found)
  const resolved = found.flatMap((one, i): ResolvedNode[] => {
    const node = describe(one, lib, values[i] as DataValue, properties[i] as Properties)
    if ('status' in node) problems.push(node)
    return 'status' in node ? [] : [node]
  })
  if (problems.length === 0) return resolved
  throw wrongNodes(problems, options)
}

async function readAll(session: ClientSession, lib: OpcuaLibrary, found: readonly LocatedNode[]): Promise<DataValue[]> {
  const attributeId = lib.AttributeIds.Value
  return readInChunks(
    session,
    found.map(({ nodeId }) => ({ nodeId, attributeId }))
  )
}

interface Properties {
  units?: EngineeringUnits
  range?: { readonly low: number; readonly high: number }
}

/** EngineeringUnits and EURange, where a node has them. */
async function readProperties(
  session: ClientSession,
  lib: OpcuaLibrary,
  found: readonly LocatedNode[]
): Promise<Properties[]> {
  const properties = found.map((): Properties => ({}))
  const paths = found.flatMap(({ nodeId }) =>
    ['.EngineeringUnits', '.EURange'].map((name) => lib.makeBrowsePath(nodeId, name))
  )
  const reads: { readonly nodeId: NodeId; readonly at: number }[] = []
  for (let i = 0; i < paths.length; i += READS) {
    const results = await session.translateBrowsePath(paths.slice(i, i + READS))
    for (const [k, { targets }] of results.entries()) {
      const nodeId = targets?.[0]?.targetId
      if (nodeId) reads.push({ nodeId: nodeId as unknown as NodeId, at: i + k })
    }
  }
  const attributeId = lib.AttributeIds.Value
  const values = await readInChunks(
    session,
    reads.map(({ nodeId }) => ({ nodeId, attributeId }))
  )
  for (const [i, { value }] of values.entries()) {
    const { at } = reads[i] as { readonly at: number }
    const of = properties[at >> 1] as Properties
    if (value?.value && at % 2 === 0) of.units = value.value
    else if (value?.value) of.range = value.value
  }
  return properties
}

function describe(
  { plan, nodeId }: LocatedNode,
  lib: OpcuaLibrary,
  { statusCode, value }: DataValue,
  { units, range }: Properties
): ResolvedNode | NodeProblem {
  const { name: status } = statusCode
  if (/BadNodeId|BadAttributeId|BadNotReadable|BadUserAccess|BadSecurityMode/.test(status)) {
    return problemOf(plan, status, statusCode.value)
  }
  const type = lib.DataType[value?.dataType ?? lib.DataType.Null]
  if (type === 'Null')
    return problemOf(plan, `it has no value yet (${status}), so that its type is not known`, WRONG_TYPE, true)
  const columns = columnsOf(type, value.value)
  if (columns.length === 0) {
    const why = `it is a ${type}; channels are made of numbers, truth values and structures of them`
    return problemOf(plan, why, WRONG_TYPE)
  }
  const unit = plan.unit ?? (units ? ucumOf(units) : '1')
  const limits = range && range.low < range.high ? { range: [range.low, range.high] as const } : undefined
  const channels = columns.map(({ path }): Channel => {
    return Object.assign({ name: [plan.name, ...path].join('.'), unit }, plan.unit === undefined ? limits : undefined)
  })
  return { plan, nodeId, type, columns, channels }
}
