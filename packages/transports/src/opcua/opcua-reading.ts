import { type Batch, NotConnectedError, ProtocolError, type SdkError } from '@messwerk/core/model'
import type { NotificationMessage } from 'node-opcua-client'
import type { DataWatch } from './data-watch.ts'
import { EventTable } from './event-table.ts'
import { keepAlive } from './keep-alive.ts'
import { loadOpcua, type OpcuaLibrary } from './load-opcua.ts'
import { enterMissed } from './missed-data.ts'
import { enterChanges, promoted } from './notification-changes.ts'
import { lostSubscription, opcuaError, refusedSubscriptions } from './opcua-errors.ts'
import { type OpenSession, openSession } from './open-session.ts'
import { makeSubscription, type Subscription, signatureOf, takeOver } from './open-subscription.ts'
import { Poll } from './poll.ts'
import { PublishLoop } from './publish-loop.ts'
import type { ReadingOptions } from './reading-options.ts'
import { ReadyBatches } from './ready-batches.ts'
import { resolveNodes } from './resolve-nodes.ts'
import { StreamTable } from './stream-table.ts'
import { watchServer } from './watch-server.ts'

/** One connection of a source: session, subscription, watch. @internal */
export class OpcuaReading {
  readonly #with: ReadingOptions
  #lib: OpcuaLibrary | undefined
  #open: OpenSession | undefined
  #table: StreamTable | undefined
  #events: EventTable | undefined
  #loop: PublishLoop | undefined
  #poll: Poll | undefined
  #watch: DataWatch | undefined
  readonly #ready = new ReadyBatches()
  #state: string | undefined
  /** What the server does not grant of the subscription. */
  #weaker: string | undefined
  #isClosed = false
  #cancelRenewal: (() => void) | undefined

  constructor(options: ReadingOptions) {
    this.#with = options
    options.options.signal.addEventListener('abort', this.#ready.awake, { once: true })
  }

  /** Connects, resolves the nodes and subscribes. @throws SdkError */
  async open(): Promise<void> {
    const { plan, carried } = this.#with
    const { connection } = plan
    this.#report('connecting', `to ${connection.url}`)
    try {
      const lib = await loadOpcua(connection.lib)
      this.#lib = lib
      const open = await openSession(connection, lib, (why) => this.#fail(new NotConnectedError(connection.url, why)))
      this.#open = open
      const about = { url: connection.url, isKnown: carried.hasRead }
      const nodes = await resolveNodes(open.session, lib, plan.nodes, about)
      this.#table = new StreamTable(nodes, this.#with, (byMs) => this.#clockWentBack(byMs))
      if (this.#ready.error) throw this.#ready.error
      this.#events = await EventTable.open(this.#with, open.session, lib)
      await this.#start(open, lib, this.#table, this.#events)
    } catch (error) {
      const known = opcuaError(error, connection.url, connection.timeoutMs)
      this.#ready.fail(known)
      throw known
    }
  }

  /** The next batch; undefined after an abort. @throws SdkError */
  async next(): Promise<Batch | undefined> {
    const batch = await this.#ready.next(this.#with.options.signal)
    if (batch) {
      this.#loop?.fill()
      this.#poll?.look()
    }
    return batch
  }

  /** Ends the session; after a failure its subscription is left to the next one. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#with.options.signal.removeEventListener('abort', this.#ready.awake)
    this.#ready.awake()
    this.#watch?.stop()
    this.#loop?.close()
    this.#poll?.stop()
    this.#table?.remember()
    this.#cancelRenewal?.()
    const keeps = this.#ready.error !== undefined && this.#with.carried.subscription !== undefined
    if (!keeps) this.#with.carried.subscription = undefined
    await this.#open?.close(keeps)
  }

  async #start({ session }: OpenSession, lib: OpcuaLibrary, table: StreamTable, events: EventTable): Promise<void> {
    const { plan, carried } = this.#with
    if (plan.mode === 'poll') return this.#startPoll(table, undefined)
    const before = carried.subscription
    carried.subscription = undefined
    const isSame = before !== undefined && before.signature === signatureOf(table.nodes, events.notifiers)
    if (isSame && (await takeOver(session, before))) {
      carried.counters.takenOver += 1
      table.tear({ scans: 0, cause: 'reconnect' })
      this.#attend(before)
      return this.#startLoop(before, table)
    }
    let made: Subscription
    try {
      made = await makeSubscription(session, lib, plan, table.nodes, events.notifiers, carried.keepAlives)
    } catch (error) {
      const status = refusedSubscriptions(error)
      if (!status) throw error
      if (events.notifiers.length > 0) throw this.#eventsNeedOne(status)
      return this.#startPoll(table, `the server refuses subscriptions (${status})`)
    }
    this.#attend(made)
    if (!this.#with.continues) return this.#startLoop(made, table)
    events.tear()
    this.#enterMissed(made, table).catch((error: unknown) => this.#broke(error))
  }

  /** The subscription is gone on with, and by a later connection too, only behind all that it has not seen. */
  async #enterMissed(made: Subscription, table: StreamTable): Promise<void> {
    const { session } = this.#open as OpenSession
    const from = { session, lib: this.#lib as OpcuaLibrary, table }
    const isEntered = await enterMissed(this.#with, from, {
      refused: (why) => this.#report('running', this.#weaker ? `${why}; ${this.#weaker}` : why),
      take: async () => {
        if (this.#isUnwanted) return false
        this.#runs(undefined)
        this.#batch(true)
        await this.#ready.free()
        return !this.#isUnwanted
      }
    })
    if (isEntered && !this.#isUnwanted) this.#startLoop(made, table)
  }

  /** Whether nothing more is to be read. */
  get #isUnwanted(): boolean {
    return this.#hasEnded || this.#with.options.signal.aborted
  }

  get #hasEnded(): boolean {
    return this.#isClosed || this.#ready.error !== undefined
  }

  /** Polling brings no events. */
  #eventsNeedOne(status: string): SdkError {
    const why = `the server refuses subscriptions (${status}), and events need one`
    const { url } = this.#with.plan.connection
    return /TooMany/.test(status) ? new NotConnectedError(url, why) : new ProtocolError(`${url}: ${why}`)
  }

  #startLoop(subscription: Subscription, table: StreamTable): void {
    const { carried, plan } = this.#with
    const { session } = this.#open as OpenSession
    carried.subscription = subscription
    const loop = new PublishLoop({
      session,
      lib: this.#lib as OpcuaLibrary,
      subscriptionId: subscription.id,
      last: subscription.last,
      handOver: subscription.handOver,
      answerMs: subscription.keepAliveMs * 2 + plan.connection.timeoutMs,
      room: () => this.#ready.room,
      took: (message) => this.#took(message, subscription),
      heard: () => this.#watch?.heard(),
      missing: (messages) => {
        carried.counters.missing += messages
        table.tear({ scans: 'unknown', cause: 'lost' })
        this.#events?.tear()
      },
      republished: () => {
        carried.counters.republished += 1
      },
      failed: (error) => this.#broke(error)
    })
    this.#loop = loop
    loop.fill()
    this.#events?.refresh(subscription.id)
  }

  /** Watches a subscription, and keeps it alive while nothing is asked for. */
  #attend(subscription: Subscription): void {
    const { session } = this.#open as OpenSession
    const isAsking = (): boolean => this.#loop?.isAsking === true
    this.#weaker = subscription.weaker
    this.#startWatch(subscription.publishMs, subscription.keepAliveMs, () => !isAsking())
    this.#cancelRenewal = keepAlive(subscription, this.#with.scheduler, () => {
      if (isAsking()) return
      session.setPublishingMode(true, subscription.id).catch((error: unknown) => this.#broke(error))
    })
  }

  #startPoll(table: StreamTable, why: string | undefined): void {
    const { plan, scheduler, continues } = this.#with
    if (continues) table.tear({ scans: 'unknown', cause: 'reconnect' })
    const { session } = this.#open as OpenSession
    this.#poll = new Poll({
      session,
      lib: this.#lib as OpcuaLibrary,
      nodes: table.nodes,
      everyMs: plan.publishMs,
      scheduler,
      hasRoom: () => this.#ready.room > 0,
      took: (values) => {
        this.#watch?.heard()
        this.#runs(why && `${why}: read every ${plan.publishMs} ms`)
        for (const [i, value] of values.entries()) if (table.isNew(i, value)) table.add(i, value, scheduler.now())
        this.#batch(false)
      },
      failed: (error) => this.#broke(error)
    })
    this.#startWatch(plan.publishMs, plan.publishMs, () => this.#ready.room <= 0)
  }

  #startWatch(publishMs: number, keepAliveMs: number, isPaused: () => boolean): void {
    this.#watch = watchServer(this.#with, {
      session: (this.#open as OpenSession).session,
      table: this.#table as StreamTable,
      publishMs,
      keepAliveMs,
      isPaused,
      runs: () => this.#runs(undefined),
      degraded: (why) => this.#report('degraded', why),
      failed: (error) => this.#fail(error)
    })
  }

  #took(message: NotificationMessage, subscription: Subscription): Promise<void> | void {
    if ((message.notificationData?.length ?? 0) > 0) {
      this.#with.carried.counters.notifications += 1
      const opened = promoted(message, this.#open as OpenSession, this.#lib as OpcuaLibrary, this.#table as StreamTable)
      if (opened) return opened.then(() => this.#enter(message, subscription))
      return this.#enter(message, subscription)
    }
    subscription.last = this.#loop?.last
    this.#runs(undefined)
  }

  #enter(message: NotificationMessage, subscription: Subscription): void {
    if (this.#hasEnded) return // its structures were decoded meanwhile
    enterChanges(message, this.#table as StreamTable, this.#with.scheduler.now())
    this.#events?.enter(message, this.#with.plan.nodes.length, subscription.id)
    this.#runs(undefined)
    this.#batch(false)
    subscription.last = message.sequenceNumber
  }

  #batch(historical: boolean): void {
    const { carried, plan } = this.#with
    const blocks = (this.#table as StreamTable).take(carried.position + 1, historical)
    const events = this.#events?.take(carried.position + 1) ?? []
    if (blocks.length === 0 && events.length === 0) return
    carried.position += 1
    carried.hasRead = true
    this.#ready.push({
      split: plan.id,
      position: carried.position,
      blocks,
      events: events.length > 0 ? events : undefined
    })
  }

  /** Says so when data is seen to flow. */
  #runs(why: string | undefined): void {
    if (this.#state === 'running') return
    this.#report('running', why ?? this.#weaker)
  }

  #clockWentBack(byMs: number): void {
    this.#report(
      'degraded',
      `the clock of the values went back by ${(byMs / 1000).toFixed(1)} s: they get the time of arrival`
    )
  }

  #broke(error: unknown): void {
    const { url, timeoutMs } = this.#with.plan.connection
    const lost = lostSubscription(error, url)
    if (lost) this.#with.carried.subscription = undefined
    this.#fail(lost ?? opcuaError(error, url, timeoutMs))
  }

  #fail(error: SdkError): void {
    if (this.#isClosed) return
    if (!this.#ready.error) this.#report('degraded', error.message)
    this.#watch?.stop()
    this.#loop?.close()
    this.#poll?.stop()
    this.#ready.fail(error)
  }

  #report(state: 'connecting' | 'running' | 'degraded', why?: string): void {
    this.#state = state
    this.#with.options.report?.({ state, why })
  }
}
