import type { GroupMember } from 'kafkajs'
import { type GroupOptions, type KafkaGroup, type Part, splitOf, type Wanted } from './kafka-client.ts'
import { type Broker, byTopic, type Cluster, typeOf } from './kafkajs-protocol.ts'
import { asStaticMember } from './kafkajs-static-member.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

const EXPELLED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'MEMBER_ID_REQUIRED'])
const ELSEWHERE = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE'])
const MOST_JOINS = 20
const STABLE = 'Stable'

/** Group membership by kafkajs: the eager protocol with its round-robin assigner, which its own consumers use too. @internal */
export class KafkajsGroup implements KafkaGroup {
  member: string
  readonly #options: GroupOptions
  readonly #cluster: Cluster
  readonly #lib: KafkaLibrary
  readonly #assigner: ReturnType<KafkaLibrary['PartitionAssigners']['roundRobin']>
  #coordinator: Broker | undefined
  #generation = -1

  constructor(options: GroupOptions, cluster: Cluster, lib: KafkaLibrary) {
    this.#options = options
    this.#cluster = cluster
    this.#lib = lib
    this.member = options.member
    type Setting = Parameters<KafkaLibrary['PartitionAssigners']['roundRobin']>[0]
    this.#assigner = lib.PartitionAssigners.roundRobin({ cluster, groupId: options.group } as unknown as Setting)
  }

  async join(topics: readonly string[]): Promise<readonly Part[]> {
    const isBack = this.#options.instance !== undefined && this.member === ''
    const parts = await this.#join(topics)
    // what was made while a static member was away is nobody's: its return shares nothing anew, unless it asks for something else
    return isBack && (await this.#areSomeLeft(topics)) ? this.#join(topics, 'again') : parts
  }

  async #join(topics: readonly string[], mark = ''): Promise<readonly Part[]> {
    for (let i = 0; ; i += 1) {
      try {
        return await this.#joinOnce(Array.from(topics), Buffer.from(mark))
      } catch (error) {
        const type = typeOf(error)
        if (EXPELLED.has(type)) this.member = ''
        else if (type !== 'REBALANCE_IN_PROGRESS') throw this.#lostCoordinator(error)
        if (i === MOST_JOINS) throw error
      }
    }
  }

  async heartbeat(): Promise<'steady' | 'rebalancing' | 'expelled'> {
    try {
      await (await this.#at()).heartbeat(this.#identity())
      return 'steady'
    } catch (error) {
      const type = typeOf(error)
      if (type === 'REBALANCE_IN_PROGRESS') return 'rebalancing'
      if (EXPELLED.has(type)) return 'expelled'
      throw this.#lostCoordinator(error)
    }
  }

  async committed(parts: readonly Part[]): Promise<readonly (number | undefined)[]> {
    if (parts.length === 0) return []
    const topics = byTopic(parts, ({ partition }) => ({ partition }))
    const { responses } = await this.#ask((broker) => broker.offsetFetch({ groupId: this.#options.group, topics }))
    return parts.map(({ topic, partition }) => {
      const of = responses.find((response) => response.topic === topic)
      const offset = Number(of?.partitions.find((one) => one.partition === partition)?.offset ?? -1)
      return offset < 0 ? undefined : offset
    })
  }

  async commit(offsets: readonly Wanted[]): Promise<'committed' | 'expelled'> {
    const topics = byTopic(offsets, ({ partition, offset }) => ({ partition, offset: String(offset) }))
    try {
      await this.#ask((broker) => broker.offsetCommit({ ...this.#identity(), topics }))
      return 'committed'
    } catch (error) {
      if (EXPELLED.has(typeOf(error))) return 'expelled'
      throw error
    }
  }

  async leave(): Promise<void> {
    if (this.member === '') return
    const { groupId, memberId } = this.#identity()
    this.member = ''
    await (await this.#at()).leaveGroup({ groupId, memberId })
  }

  async #joinOnce(topics: string[], userData: Buffer): Promise<readonly Part[]> {
    const { group, sessionMs, rebalanceMs } = this.#options
    const broker = await this.#at()
    const { name, version } = this.#assigner
    const metadata = this.#lib.AssignerProtocol.MemberMetadata.encode({ version, topics, userData })
    const joined = await broker.joinGroup({
      groupId: group,
      sessionTimeout: sessionMs,
      rebalanceTimeout: rebalanceMs,
      memberId: this.member,
      groupProtocols: [{ name, metadata }]
    })
    this.member = joined.memberId
    this.#generation = joined.generationId
    const isLeader = joined.leaderId === joined.memberId
    const groupAssignment = isLeader ? await this.#assign(joined.members as GroupMember[], topics) : []
    const { memberAssignment } = await broker.syncGroup({
      groupId: group,
      generationId: joined.generationId,
      memberId: joined.memberId,
      groupAssignment
    })
    return this.#partsOf(memberAssignment)
  }

  #partsOf(assigned: Buffer): Part[] {
    const assignment = this.#lib.AssignerProtocol.MemberAssignment.decode(assigned)?.assignment ?? {}
    return Object.entries(assignment).flatMap(([topic, partitions]) =>
      Array.from(partitions, (partition) => ({ topic, partition }))
    )
  }

  /** Whether some partitions of these topics are nobody's. */
  async #areSomeLeft(topics: readonly string[]): Promise<boolean> {
    const { groups } = await this.#ask((broker) => broker.describeGroups({ groupIds: [this.#options.group] }))
    const [group] = groups
    if (group?.state !== STABLE) return false // it shares them anew
    const taken = group.members.flatMap(({ memberAssignment }) => this.#partsOf(memberAssignment).map(splitOf))
    const known = new Set(taken)
    const has = (topic: string): boolean =>
      this.#cluster
        .findTopicPartitionMetadata(topic)
        .every(({ partitionId: partition }) => known.has(splitOf({ topic, partition })))
    return !topics.every(has)
  }

  /** As the leader of the group: what each member reads. */
  async #assign(members: GroupMember[], topics: string[]): Promise<readonly unknown[]> {
    await this.#cluster.refreshMetadata()
    return this.#assigner.assign({ members, topics })
  }

  async #at(): Promise<Broker> {
    const groupId = this.#options.group
    try {
      this.#coordinator ??= this.#asMember(await this.#cluster.findGroupCoordinator({ groupId }))
      return this.#coordinator
    } catch (error) {
      // it asks every broker and keeps to itself why none has answered: that may be a missing permission
      if ((error as Error).name !== 'KafkaJSGroupCoordinatorNotFound') throw error
      const broker = await this.#cluster.findControllerBroker()
      await broker.findGroupCoordinator({ groupId, coordinatorType: 0 })
      throw error
    }
  }

  #asMember(broker: Broker): Broker {
    const { instance } = this.#options
    return instance === undefined ? broker : asStaticMember(broker, instance)
  }

  /** Asks the coordinator; once more where it has moved. */
  async #ask<T>(request: (broker: Broker) => Promise<T>): Promise<T> {
    try {
      return await request(await this.#at())
    } catch (error) {
      this.#lostCoordinator(error)
      if (!ELSEWHERE.has(typeOf(error))) throw error
      return request(await this.#at())
    }
  }

  #lostCoordinator(error: unknown): unknown {
    this.#coordinator = undefined
    return error
  }

  #identity(): { groupId: string; groupGenerationId: number; memberId: string } {
    return { groupId: this.#options.group, groupGenerationId: this.#generation, memberId: this.member }
  }
}
