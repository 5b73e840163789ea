import type { ClientSession, DataValue, ReadValueIdOptions } from 'node-opcua-client'

/** Most nodes of a request. @internal */
export const READS = 200

/** Many attributes, in requests that no server finds too large. @internal */
export async function readInChunks(session: ClientSession, nodes: readonly ReadValueIdOptions[]): Promise<DataValue[]> {
  const values: DataValue[] = []
  for (let i = 0; i < nodes.length; i += READS) values.push(...(await session.read(nodes.slice(i, i + READS))))
  return values
}
