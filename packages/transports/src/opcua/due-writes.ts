import { type Block, ProtocolError, timeNs } from '@messwerk/core/model'
import { type NodeValue, nodeValueOf } from './node-value.ts'
import type { WritableNode } from './writable-nodes.ts'

/** A value of an item that goes to a node. @internal */
export interface DueWrite {
  /** Index of the item. */
  readonly item: number
  readonly node: WritableNode
  readonly number: number
  readonly value: NodeValue
  /** Of its row, ns since the Unix epoch. */
  readonly time: bigint
}

/** What is to be written, request by request; and the items of which something cannot be. @internal */
export interface DueWrites {
  readonly requests: readonly (readonly DueWrite[])[]
  readonly failed: Map<number, Error>
}

type ByStream = ReadonlyMap<string, readonly WritableNode[]>

/** Every row with a request of its own. @internal */
export function everyRow(items: readonly Block[], nodes: ByStream): DueWrites {
  const failed = new Map<number, Error>()
  const requests: DueWrite[][] = []
  for (const [item, block] of items.entries()) {
    const columns = columnsOf(item, block, nodes, failed)
    for (let i = 0; i < block.length; i += 1) {
      const request: DueWrite[] = []
      for (const [node, from] of columns)
        push(request, { item, node, number: block.values[from + i] as number, time: timeNs(block, i) }, failed)
      if (request.length > 0) requests.push(request)
    }
  }
  return { requests, failed }
}

/** The newest value of each channel, in one request. @param written - time of the last write, by node @internal */
export function lastRow(items: readonly Block[], nodes: ByStream, written: ReadonlyMap<string, bigint>): DueWrites {
  const failed = new Map<number, Error>()
  const newest = new Map<WritableNode, DueWrite>()
  for (const [item, block] of items.entries()) {
    for (const [node, from] of columnsOf(item, block, nodes, failed)) {
      let i = block.length - 1
      while (i >= 0 && Number.isNaN(block.values[from + i])) i -= 1
      if (i < 0) continue
      const time = timeNs(block, i)
      const before = newest.get(node)?.time ?? written.get(keyOf(node))
      if (before !== undefined && time <= before) continue
      newest.set(node, { item, node, number: block.values[from + i] as number, value: 0, time })
    }
  }
  const request: DueWrite[] = []
  for (const due of newest.values()) push(request, due, failed)
  return { requests: request.length > 0 ? [request] : [], failed }
}

/** @internal */
export function keyOf({ plan }: WritableNode): string {
  return `${plan.stream}\n${plan.name}`
}

/** The nodes of a block's stream, each with where its column begins. */
function columnsOf(item: number, block: Block, nodes: ByStream, failed: Map<number, Error>): [WritableNode, number][] {
  const { id, channels } = block.stream
  const columns: [WritableNode, number][] = []
  for (const node of nodes.get(id) ?? []) {
    const at = channels.findIndex(({ name }) => name === node.plan.name)
    if (at >= 0) columns.push([node, at * block.length])
    else {
      const has = channels.map(({ name }) => name).join(', ')
      failed.set(
        item,
        new ProtocolError(`opcuaSink: stream '${id}' has no channel '${node.plan.name}'; it has: ${has}`)
      )
    }
  }
  return columns
}

function push(request: DueWrite[], due: Omit<DueWrite, 'value'>, failed: Map<number, Error>): void {
  const { item, node, number, time } = due
  if (Number.isNaN(number)) return // missing is never a value
  const value = nodeValueOf(number, node.type, node.plan.rounds)
  if (typeof value !== 'string') request.push({ item, node, number, value, time })
  else
    failed.set(
      item,
      new ProtocolError(`opcuaSink: ${node.plan.stream}, ${node.plan.name} (${node.plan.text}): ${value}`)
    )
}
