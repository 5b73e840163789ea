import type { GroupMember } from 'kafkajs'
import type { GroupOptions, KafkaGroup, Part, Wanted } from './kafka-client.ts'
import { type Broker, byTopic, type Cluster, typeOf } from './kafkajs-protocol.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'

const EXPELLED = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID', 'MEMBER_ID_REQUIRED'])
const ELSEWHERE = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE'])
const MOST_JOINS = 20

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
    for (let i = 0; ; i += 1) {
      try {
        return await this.#joinOnce(Array.from(topics))
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

  async #joinOnce(topics: string[]): Promise<readonly Part[]> {
    const { group, sessionMs, rebalanceMs } = this.#options
    const broker = await this.#at()
    const joined = await broker.joinGroup({
      groupId: group,
      sessionTimeout: sessionMs,
      rebalanceTimeout: rebalanceMs,
      memberId: this.member,
      groupProtocols: [this.#assigner.protocol({ topics })]
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
    const assignment = this.#lib.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}
    return Object.entries(assignment).flatMap(([topic, partitions]) =>
      Array.from(partitions, (partition) => ({ topic, partition }))
    )
  }

  /** As the leader of the group: what each member reads. */
  async #assign(members: GroupMember[], topics: string[]): Promise<readonly unknown[]> {
    await this.#cluster.refreshMetadata()
    return this.#assigner.assign({ members, topics })
  }

  async #at(): Promise<Broker> {
    const groupId = this.#options.group
    try {
      this.#coordinator ??= await this.#cluster.findGroupCoordinator({ groupId })
      return this.#coordinator
    } catch (error) {
      // it asks every broker and keeps to itself why none has answered: that may be a missing permission
      if ((error as Error).name !== 'KafkaJSGroupCoordinatorNotFound') throw error
      const broker = await this.#cluster.findControllerBroker()
      await broker.findGroupCoordinator({ groupId, coordinatorType: 0 })
      throw error
    }
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
