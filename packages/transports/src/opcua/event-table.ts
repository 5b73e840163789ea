import type { MeasurementEvent } from '@messwerk/core/model'
import type { NotificationMessage } from 'node-opcua-client'
import { eventOf } from './event-fields.ts'
import type { OpcuaLibrary } from './load-opcua.ts'
import type { LocatedNode } from './locate-nodes.ts'
import { findNotifiers, refreshConditions } from './monitor-events.ts'
import { eventsOf } from './notification-changes.ts'
import type { OpcuaSession } from './opcua-session.ts'
import type { ReadingOptions } from './reading-options.ts'

/** The events of one connection. @internal */
export class EventTable {
  readonly notifiers: readonly LocatedNode[]
  readonly #with: ReadingOptions
  readonly #session: OpcuaSession
  readonly #lib: OpcuaLibrary
  readonly #namespaces: readonly string[]

  private constructor(
    options: ReadingOptions,
    session: OpcuaSession,
    lib: OpcuaLibrary,
    notifiers: readonly LocatedNode[],
    namespaces: readonly string[]
  ) {
    this.#with = options
    this.#session = session
    this.#lib = lib
    this.notifiers = notifiers
    this.#namespaces = namespaces
  }

  /** @throws DeviceError or NotConnectedError that names all wrong notifiers */
  static async open(options: ReadingOptions, session: OpcuaSession, lib: OpcuaLibrary): Promise<EventTable> {
    const { plan, carried } = options
    carried.conditions.disconnected()
    const notifiers = await findNotifiers(session, lib, plan.notifiers, {
      url: plan.connection.url,
      isKnown: carried.hasRead
    })
    return new EventTable(
      options,
      session,
      lib,
      notifiers,
      notifiers.length > 0 ? await session.readNamespaceArray() : []
    )
  }

  /** Asks which conditions are active now. */
  refresh(subscriptionId: number): void {
    if (this.notifiers.length === 0) return
    // a server without conditions says no; that it is gone is noticed elsewhere
    refreshConditions(this.#session, this.#lib, subscriptionId).catch(() => {})
  }

  /** That events may be missing. */
  tear(): void {
    const { carried, scheduler } = this.#with
    for (const { plan } of this.notifiers) carried.conditions.tear(plan.name, scheduler.now())
  }

  enter(message: NotificationMessage, nodes: number, subscriptionId: number): void {
    if (this.notifiers.length === 0) return
    const { carried, scheduler } = this.#with
    for (const { clientHandle, eventFields } of eventsOf(message)) {
      const notifier = this.notifiers[clientHandle - nodes]
      if (!notifier) continue
      const event = eventOf(eventFields ?? [], this.#namespaces, this.#lib, scheduler.now())
      if (carried.conditions.add(notifier.plan.name, event, notifier.plan.severity)) this.refresh(subscriptionId)
    }
  }

  take(position: number): MeasurementEvent[] {
    return this.#with.carried.conditions.take(this.#with.plan.id, position)
  }
}
