import type { ClientSession, NodeId } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'

interface Step {
  readonly uri: string | undefined
  readonly name: string
}

/** Where to look. @internal */
export interface PathSearch {
  readonly session: ClientSession
  readonly lib: OpcuaLibrary
  readonly namespaces: readonly string[]
  /** What was found before, by path. */
  readonly browsed: Map<string, Promise<readonly NodeId[] | string>>
}

/** The node with these browse names below Objects, or why there is none. @internal */
export async function findByPath(steps: readonly Step[], search: PathSearch): Promise<NodeId | string> {
  let at: NodeId = search.lib.resolveNodeId('i=85')
  for (const [i, step] of steps.entries()) {
    const key = JSON.stringify([at.toString(), step])
    let look = search.browsed.get(key)
    if (!look) {
      look = childrenOf(at, step, search)
      search.browsed.set(key, look)
    }
    const found = await look
    if (typeof found === 'string') return found
    const before = steps.slice(0, i).map(({ name }) => name)
    const where = before.length === 0 ? 'Objects' : before.join('/')
    if (found.length === 0) return `there is no '${step.name}' below ${where}`
    if (found.length > 1) return `there are ${found.length} nodes '${step.name}' below ${where}; add nsu=<uri>; to it`
    at = found[0] as NodeId
  }
  return at
}

async function childrenOf(
  nodeId: NodeId,
  { uri, name }: Step,
  { session, lib, namespaces }: PathSearch
): Promise<readonly NodeId[] | string> {
  const index = uri === undefined ? undefined : namespaces.indexOf(uri)
  if (index === -1) return `the server has no namespace '${uri}'`
  let result = await session.browse({
    nodeId,
    referenceTypeId: lib.resolveNodeId('i=33'), // HierarchicalReferences
    includeSubtypes: true,
    browseDirection: lib.BrowseDirection.Forward,
    nodeClassMask: 0,
    resultMask: 63
  })
  const found = new Map<string, NodeId>()
  for (;;) {
    for (const { browseName, nodeId: child } of result.references ?? []) {
      if (browseName.name !== name || (index !== undefined && browseName.namespaceIndex !== index)) continue
      found.set(child.toString(), child as unknown as NodeId)
    }
    if (!result.continuationPoint || result.continuationPoint.length === 0) return [...found.values()]
    result = await session.browseNext(result.continuationPoint, false)
  }
}
