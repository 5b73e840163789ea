import type { ClientSession, DataValue, NodeId } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { type LocatedNode, locateNodes, type NodeProblem, problemOf, wrongNodes } from './locate-nodes.ts'
import type { NodePlan } from './node-plan.ts'
import { isNumberType } from './node-value.ts'
import { readInChunks } from './read-in-chunks.ts'

/** A node that may be written to, as the server has it now. @internal */
export interface WritableNode {
  readonly plan: NodePlan
  readonly nodeId: NodeId
  /** Name of its built-in type. */
  readonly type: string
}

const WRONG_TYPE = 0x80740000
const NOT_WRITABLE = 0x803b0000
const CURRENT_WRITE = 2
/** BaseDataType, Number, Integer, UInteger: what its value has. */
const ABSTRACT = new Set([24, 26, 27, 28])

/** Looks nodes up that are to be written to. @throws DeviceError or NotConnectedError that names all wrong nodes @internal */
export async function writableNodes(
  session: ClientSession,
  lib: OpcuaLibrary,
  plans: readonly NodePlan[],
  options: { readonly url: string; readonly isKnown: boolean }
): Promise<WritableNode[]> {
  const problems: NodeProblem[] = []
  const located = await locateNodes(session, lib, plans, problems)
  const { DataType, ValueRank, AccessLevel, UserAccessLevel, Value } = lib.AttributeIds
  const attributes = [DataType, ValueRank, AccessLevel, UserAccessLevel, Value]
  const reads = located.flatMap(({ nodeId }) => attributes.map((attributeId) => ({ nodeId, attributeId })))
  const answers = await readInChunks(session, reads)
  const nodes: WritableNode[] = []
  for (const [i, one] of located.entries()) {
    const own = answers.slice(i * attributes.length, (i + 1) * attributes.length)
    const why = refusalOf(one, own)
    const type = why ? undefined : await typeOf(one, own, session, lib)
    if (why) problems.push(why)
    else if (type === undefined || !isNumberType(type)) problems.push(noNumber(one, type))
    else nodes.push({ plan: one.plan, nodeId: one.nodeId, type })
  }
  if (problems.length > 0) throw wrongNodes(problems, options)
  return nodes
}

/** Why a node cannot be written to, whatever its type. */
function refusalOf(
  { plan }: LocatedNode,
  [type, rank, access, own, value]: readonly DataValue[]
): NodeProblem | undefined {
  if (!type || type.statusCode.isNotGood()) {
    const status = type?.statusCode
    return problemOf(
      plan,
      status?.name === 'BadAttributeIdInvalid' ? 'it is no variable' : `${status?.name}`,
      status?.value ?? 0
    )
  }
  if (!mayWrite(access)) return problemOf(plan, 'it cannot be written to (AccessLevel)', NOT_WRITABLE)
  if (!mayWrite(own)) return problemOf(plan, 'this user may not write to it (UserAccessLevel)', NOT_WRITABLE)
  const dimensions = Number(rank?.value?.value ?? -1)
  const isArray = dimensions >= 0 || (dimensions !== -1 && (value?.value?.arrayType ?? 0) !== 0)
  if (isArray) return problemOf(plan, 'it is an array; a channel is written to a single number', WRONG_TYPE)
  return undefined
}

function mayWrite(level: DataValue | undefined): boolean {
  // a server without the attribute says so when it is written to
  if (!level || level.statusCode.isNotGood()) return true
  return (Number(level.value?.value ?? 0) & CURRENT_WRITE) !== 0
}

async function typeOf(
  { nodeId }: LocatedNode,
  [type, , , , value]: readonly DataValue[],
  session: ClientSession,
  lib: OpcuaLibrary
): Promise<string | undefined> {
  const id = type?.value?.value as NodeId | undefined
  if (id?.namespace === 0 && typeof id.value === 'number') {
    if (!ABSTRACT.has(id.value)) return lib.DataType[id.value] ?? builtIn(nodeId, session, lib)
    const has = lib.DataType[value?.value?.dataType ?? 0]
    return has === 'Null' ? undefined : has
  }
  return builtIn(nodeId, session, lib)
}

/** Of a type of the server's own: what it derives from. */
async function builtIn(nodeId: NodeId, session: ClientSession, lib: OpcuaLibrary): Promise<string | undefined> {
  try {
    return lib.DataType[await session.getBuiltInDataType(nodeId)]
  } catch {
    return undefined
  }
}

function noNumber({ plan }: LocatedNode, type: string | undefined): NodeProblem {
  const is =
    type === undefined ? 'its type is not known' : type === 'ExtensionObject' ? 'it is a structure' : `it is a ${type}`
  return problemOf(plan, `${is}; a channel is written to a single number or truth value`, WRONG_TYPE)
}
