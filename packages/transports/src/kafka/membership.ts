import type { Scheduler } from '@messwerk/core/driver'
import { NotConnectedError, type Positions, type ReadOptions, type SdkError } from '@messwerk/core/model'
import { type KafkaGroup, type KafkaReader, type Part, splitOf, type Wanted } from './kafka-client.ts'
import { kafkaError } from './kafka-errors.ts'
import type { SourcePlan } from './kafka-source-options.ts'
import { matchingTopics } from './matching-topics.ts'
import type { SplitDecoder } from './split-decoder.ts'
import type { SplitDecoders } from './split-decoders.ts'

/** What a membership tells its reading. @internal */
export interface MembershipHost {
  /** Nothing of any partition may be handed over from now on. */
  moving(): void
  /** These partitions are to be read. */
  moved(decoders: readonly SplitDecoder[]): void
  degraded(why: string): void
  failed(error: SdkError): void
}

/** @internal */
export interface MembershipOptions {
  readonly plan: SourcePlan
  readonly reader: KafkaReader
  readonly decoders: SplitDecoders
  readonly scheduler: Scheduler
  readonly read: ReadOptions
  readonly host: MembershipHost
}

const BEAT_MS = 1000
const LOOK_MS = 60_000

/**
 * Our part in the consumer group: heartbeats, what we are given to read and what is taken away. Before it joins again it
 * waits until what was read is durable and committed; of what is not ours any more nothing is committed.
 *
 * @internal
 */
export class Membership {
  readonly #with: MembershipOptions
  readonly #group: KafkaGroup
  /** What we own, by split. */
  readonly #owned = new Map<string, SplitDecoder>()
  readonly #committed = new Map<string, number>()
  #cancel: (() => void) | undefined
  #heardAt = 0
  #lookedAt = 0
  /** Topics and numbers of partitions when we joined. */
  #shape = ''
  /** How often we have joined again. */
  #moves = 0
  #isMoving = false
  #isJoining = false
  #isStopping = false
  #isClosed = false

  constructor(options: MembershipOptions) {
    this.#with = options
    const { plan, reader, decoders } = options
    const { group, instance, sessionMs, handOverMs } = plan
    const rebalanceMs = Math.max(sessionMs, handOverMs + 5000)
    this.#group = reader.group({ group, instance, member: decoders.member, sessionMs, rebalanceMs })
  }

  /** Joins the group and begins to read what it is given. @throws SdkError */
  async open(): Promise<void> {
    this.#isMoving = true
    await this.#join()
    this.#isMoving = false
  }

  /** Commits what we own, of the rest nothing. @throws SdkError that may be retried */
  async commit(at: Positions): Promise<void> {
    const { plan } = this.#with
    const offsets: Wanted[] = []
    for (const [split, position] of Object.entries(at)) {
      const decoder = this.#owned.get(split)
      if (decoder) offsets.push({ ...decoder.part, offset: position + 1 })
    }
    if (offsets.length === 0) return
    if (this.#isClosed) throw new NotConnectedError(plan.connection.url, 'closed')
    try {
      if ((await this.#group.commit(offsets)) === 'expelled') return this.#expelled()
    } catch (error) {
      throw kafkaError(error, plan.connection, `committing to group '${plan.group}'`)
    }
    for (const { offset, ...part } of offsets) this.#committed.set(splitOf(part), offset)
  }

  /** Whether everything that was handed over is committed. */
  get isSettled(): boolean {
    for (const [split, { next, begun }] of this.#owned) {
      if (next > begun && (this.#committed.get(split) ?? -1) < next) return false
    }
    return true
  }

  /** Stays a member until the last commit, and takes no part in rebalances. */
  stopping(): void {
    this.#isStopping = true
  }

  /** A static member stays: its partitions wait for it, until its session ends. */
  async leave(): Promise<void> {
    if (this.#isClosed) return
    this.close()
    this.#with.decoders.member = ''
    if (this.#with.plan.instance !== undefined) return
    await this.#group.leave().catch(() => {}) // its session ends then
  }

  /** Lets go without a word: the next reading goes on as the same member. */
  close(): void {
    // it may be joining: this is the newest id that it knows
    if (!this.#isClosed) this.#with.decoders.member = this.#group.member
    this.#isClosed = true
    this.#cancel?.()
  }

  #schedule(): void {
    const { scheduler, plan } = this.#with
    this.#cancel?.()
    if (this.#isClosed) return
    this.#cancel = scheduler.after(Math.min(BEAT_MS, plan.sessionMs / 4), () => void this.#beat())
  }

  async #beat(): Promise<void> {
    const { scheduler, plan, host } = this.#with
    try {
      if (!this.#isJoining) await this.#hear()
    } catch (cause) {
      if (this.#isClosed) return
      const error = kafkaError(cause, plan.connection, `group '${plan.group}'`)
      const silence = scheduler.elapsed() - this.#heardAt
      if (!error.retryable || silence > plan.sessionMs) return host.failed(error)
      host.degraded(error.message)
    }
    this.#schedule()
  }

  async #hear(): Promise<void> {
    const { scheduler } = this.#with
    const move = this.#moves
    const state = await this.#group.heartbeat()
    if (move !== this.#moves) return // the answer is about what we were before
    this.#heardAt = scheduler.elapsed()
    if (this.#isMoving || this.#isJoining || this.#isClosed) return
    if (state === 'expelled') return this.#expelled()
    if (this.#isStopping) return
    if (state === 'rebalancing') void this.#move(true)
    else if (scheduler.elapsed() - this.#lookedAt >= LOOK_MS && (await this.#hasNewParts())) void this.#move(true)
  }

  /** The group goes on without us: what we own is someone else's. */
  #expelled(): void {
    if (this.#isMoving || this.#isClosed) return
    this.#with.host.degraded('the group has given our partitions to others: it did not hear from us in time')
    if (!this.#isStopping) void this.#move(false)
    else this.#owned.clear()
  }

  /** Hands over what we own and joins again. */
  async #move(isGraceful: boolean): Promise<void> {
    const { read, plan, host, decoders } = this.#with
    this.#isMoving = true
    this.#moves += 1
    host.moving()
    try {
      const splits = Array.from(this.#owned.keys())
      if (isGraceful) await Promise.all(splits.map((split) => read.splits.revoked(split, plan.handOverMs)))
      else for (const split of splits) read.splits.lost(split)
      this.#owned.clear()
      for (const split of splits) decoders.gone(split)
      if (this.#isClosed) return
      await this.#join()
      this.#isMoving = false
    } catch (error) {
      if (!this.#isClosed) host.failed(kafkaError(error, plan.connection, `group '${plan.group}'`))
    }
  }

  async #join(): Promise<void> {
    const { plan, reader, scheduler, host } = this.#with
    this.#isJoining = true
    const topics = await matchingTopics(reader, plan.topics)
    await reader.watch(topics)
    this.#shape = shapeOf(reader, topics)
    const parts = await this.#joinGroup(topics)
    this.#heardAt = this.#lookedAt = scheduler.elapsed()
    this.#isJoining = false
    this.#schedule()
    await reader.watch(Array.from(new Set(parts.map(({ topic }) => topic))))
    const owned = await this.#take(parts)
    if (this.#isClosed) return
    for (const decoder of owned) this.#owned.set(decoder.split, decoder)
    host.moved(owned)
  }

  /** A join that fails may have got a new id all the same: the brokers refuse the old one of a static member for good. */
  async #joinGroup(topics: readonly string[]): Promise<readonly Part[]> {
    try {
      return await this.#group.join(topics)
    } finally {
      if (!this.#isClosed) this.#with.decoders.member = this.#group.member
    }
  }

  /** What is to be read, each from where it stands. */
  async #take(parts: readonly Part[]): Promise<SplitDecoder[]> {
    const { read, decoders } = this.#with
    const splits = parts.map(splitOf)
    for (const split of decoders.notIn(splits)) read.splits.lost(split)
    const positions = await Promise.all(splits.map((split) => read.splits.assigned(split)))
    const starts = await this.#starts(parts, positions)
    return parts.map((part, i) => decoders.of(part, starts[i] as number))
  }

  async #starts(parts: readonly Part[], positions: readonly (number | undefined)[]): Promise<number[]> {
    const { plan, reader, decoders } = this.#with
    const unknown = parts.filter((_, i) => positions[i] === undefined)
    const committed = await this.#group.committed(unknown)
    const isNamed = (part: Part, i: number): boolean =>
      committed[i] === undefined || (plan.start !== 'committed' && !decoders.hasBegun(splitOf(part)))
    const named = unknown.filter(isNamed)
    const at = plan.start === 'committed' ? 'earliest' : plan.start
    const offsets = await reader.offsets(named, at)
    return parts.map((part, i) => {
      const position = positions[i]
      if (position !== undefined) return position + 1
      const k = named.indexOf(part)
      return k >= 0 ? (offsets[k] as number) : (committed[unknown.indexOf(part)] as number)
    })
  }

  async #hasNewParts(): Promise<boolean> {
    const { plan, reader, scheduler } = this.#with
    this.#lookedAt = scheduler.elapsed()
    await reader.refresh()
    const topics = await matchingTopics(reader, plan.topics)
    await reader.watch(topics)
    return shapeOf(reader, topics) !== this.#shape
  }
}

function shapeOf(reader: KafkaReader, topics: readonly string[]): string {
  return topics.map((topic) => `${topic} ${reader.parts(topic).length}`).join('\n')
}
