import type { NodeId, Variant } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'

/** An event as a server tells it. @internal */
export interface ServerEvent {
  /** ms since the Unix epoch. */
  readonly time: number
  /** Its name in OPC UA's own namespace, else its id. */
  readonly type: string
  readonly eventId: string
  readonly source: string | undefined
  readonly message: string | undefined
  readonly severity: number
  /** Id of the condition whose state it tells, with the URI of its namespace; undefined of a plain event. */
  readonly condition: string | undefined
  readonly name: string | undefined
  /** Whether it tells of an earlier state of the condition. */
  readonly isBranch: boolean
  readonly retain: boolean
  readonly active: boolean | undefined
  /** When it became active or inactive, ms since the Unix epoch. */
  readonly since: number | undefined
  readonly acked: boolean | undefined
}

const BASE = 2041
const CONDITION = 2782
const ACKNOWLEDGEABLE = 2881
const ALARM = 2915
const NODE_ID = 1
const VALUE = 13

/** Type, path and attribute of what is asked for, in the order of `eventOf`. */
const FIELDS: readonly (readonly [number, string, number])[] = [
  [BASE, 'EventId', VALUE],
  [BASE, 'EventType', VALUE],
  [BASE, 'SourceName', VALUE],
  [BASE, 'Time', VALUE],
  [BASE, 'Message', VALUE],
  [BASE, 'Severity', VALUE],
  [CONDITION, '', NODE_ID],
  [CONDITION, 'ConditionName', VALUE],
  [CONDITION, 'BranchId', VALUE],
  [CONDITION, 'Retain', VALUE],
  [ALARM, 'ActiveState/Id', VALUE],
  [ALARM, 'ActiveState/TransitionTime', VALUE],
  [ACKNOWLEDGEABLE, 'AckedState/Id', VALUE]
]

/** What is asked of each event. @internal */
export function eventFilter(lib: OpcuaLibrary): InstanceType<OpcuaLibrary['EventFilter']> {
  const selectClauses = FIELDS.map(
    ([type, path, attributeId]) =>
      new lib.SimpleAttributeOperand({
        typeDefinitionId: lib.resolveNodeId(`i=${type}`),
        browsePath: path === '' ? [] : path.split('/').map((name) => ({ namespaceIndex: 0, name })),
        attributeId
      })
  )
  return new lib.EventFilter({ selectClauses, whereClause: { elements: [] } } as never)
}

/** @param names - the server's namespaces by index @internal */
export function eventOf(
  fields: readonly Variant[],
  names: readonly string[],
  lib: OpcuaLibrary,
  now: number
): ServerEvent {
  const value = (i: number): unknown => fields[i]?.value ?? undefined
  const text = (i: number): string | undefined => {
    const given = value(i)
    return typeof given === 'object'
      ? ((given as { readonly text?: string | null }).text ?? undefined)
      : (given as string | undefined)
  }
  const condition = value(6) as NodeId | undefined
  const branch = value(8) as NodeId | undefined
  return {
    eventId: (value(0) as Buffer | undefined)?.toString('hex') ?? '',
    type: typeName(value(1) as NodeId | undefined, names, lib),
    source: text(2),
    time: msOf(value(3)) ?? now,
    message: text(4),
    severity: Number(value(5) ?? 0),
    condition: condition && !isNull(condition) ? idText(condition, names) : undefined,
    name: text(7),
    isBranch: branch !== undefined && !isNull(branch),
    retain: value(9) === true,
    active: value(10) as boolean | undefined,
    since: msOf(value(11)),
    acked: value(12) as boolean | undefined
  }
}

function isNull({ namespace, value }: NodeId): boolean {
  return namespace === 0 && (value === 0 || value === '')
}

/** Years before 1970 stand for no time. */
function msOf(value: unknown): number | undefined {
  return value instanceof Date && value.getTime() > 0 ? value.getTime() : undefined
}

function idText(id: NodeId, names: readonly string[]): string {
  const text = id.toString().replace(/^ns=\d+;/, '')
  return id.namespace === 0 ? text : `nsu=${names[id.namespace] ?? id.namespace};${text}`
}

function typeName(id: NodeId | undefined, names: readonly string[], lib: OpcuaLibrary): string {
  if (!id) return 'BaseEventType'
  const known = id.namespace === 0 ? lib.ObjectTypeIds[id.value as number] : undefined
  return known ?? idText(id, names)
}
