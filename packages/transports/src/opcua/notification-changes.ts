import type { DataValue, NotificationMessage, Variant } from 'node-opcua-client'
import type { OpcuaLibrary } from './load-opcua.ts'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import type { OpenSession } from './open-session.ts'
import type { StreamTable } from './stream-table.ts'

interface Change {
  readonly clientHandle: number
  readonly value: DataValue
}

/** Decodes structures whose type the library has yet to ask for; undefined where there are none. @internal */
export function promoted(
  { notificationData }: NotificationMessage,
  { session }: OpenSession,
  lib: OpcuaLibrary,
  table: StreamTable
): Promise<void> | undefined {
  if (!table.hasStructures) return undefined
  const notifications = notificationData ?? []
  const isOpaque = notifications.some((one) => changesOf(one).some(({ value }) => isOpaqueValue(value)))
  if (!isOpaque) return undefined
  return lib.promoteOpaqueStructureInNotificationData(session as never, notifications as never)
}

/**
 * @throws SubscriptionGivenUp when the server says that the subscription has ended, or an array does not fit its channels any more
 * @internal
 */
export function enterChanges({ notificationData }: NotificationMessage, table: StreamTable, now: number): void {
  for (const notification of notificationData ?? []) {
    const { status } = notification as { readonly status?: { readonly name: string } }
    if (status && /^Bad/.test(status.name)) {
      throw new SubscriptionGivenUp(`the server has ended the subscription (${status.name})`)
    }
    const changes = changesOf(notification)
    for (let i = 0; i < changes.length; i += 1) {
      const change = changes[i] as Change
      table.add(change.clientHandle, change.value, now)
    }
  }
}

function changesOf(notification: unknown): readonly Change[] {
  return (notification as { readonly monitoredItems?: readonly Change[] | null } | null)?.monitoredItems ?? []
}

function isOpaqueValue({ value }: DataValue): boolean {
  const inner: unknown = Array.isArray(value?.value) ? value.value[0] : value?.value
  return typeof inner === 'object' && inner !== null && inner.constructor.name === 'OpaqueStructure'
}

/** @returns events with the handle of their item @internal */
export function eventsOf({ notificationData }: NotificationMessage): readonly Told[] {
  return (notificationData ?? []).flatMap(
    (one) => (one as { readonly events?: readonly Told[] | null } | null)?.events ?? []
  )
}

interface Told {
  readonly clientHandle: number
  readonly eventFields?: readonly Variant[] | null
}
