// The part of kafkajs below its consumer, which decides itself when to rejoin a group: after that a commit is too late.
// `Cluster` and `Broker` are what it hands to a partition assigner; their types there leave out what groups need.

/** @internal */
export interface AtPartition {
  readonly partition: number
  readonly offset: string
}

/** @internal */
export interface OfTopic<T> {
  readonly topic: string
  readonly partitions: readonly T[]
}

/** @internal */
export interface Broker {
  fetch(request: {
    readonly isolationLevel: number
    readonly maxWaitTime: number
    readonly minBytes: number
    readonly maxBytes: number
    readonly topics: readonly OfTopic<{ partition: number; fetchOffset: string; maxBytes: number }>[]
  }): Promise<unknown>
  /** Gives a function that makes a request, of the newest version that both sides know. */
  lookupRequest(key: number, definitions: unknown): (asked: unknown) => ProtocolRequest
  joinGroup(request: {
    readonly groupId: string
    readonly sessionTimeout: number
    readonly rebalanceTimeout: number
    readonly memberId: string
    readonly groupProtocols: readonly unknown[]
  }): Promise<Joined>
  syncGroup(request: {
    readonly groupId: string
    readonly generationId: number
    readonly memberId: string
    readonly groupAssignment: readonly unknown[]
  }): Promise<{ readonly memberAssignment: Buffer }>
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>
  describeGroups(request: { readonly groupIds: readonly string[] }): Promise<{
    readonly groups: readonly {
      readonly state: string
      readonly members: readonly { readonly memberAssignment: Buffer }[]
    }[]
  }>
  findGroupCoordinator(request: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>
  offsetFetch(request: {
    readonly groupId: string
    readonly topics: readonly OfTopic<{ partition: number }>[]
  }): Promise<{ readonly responses: readonly OfTopic<AtPartition>[] }>
  offsetCommit(request: {
    readonly groupId: string
    readonly groupGenerationId: number
    readonly memberId: string
    readonly topics: readonly OfTopic<AtPartition>[]
  }): Promise<unknown>
}

/** A request, and how its answer is read. @internal */
export interface ProtocolRequest {
  readonly request: { readonly apiVersion: number }
  readonly response: {
    decode(bytes: Buffer): Promise<unknown>
    /** Throws the first failure that the answer tells of. */
    parse(answer: unknown): Promise<unknown>
  }
  readonly requestTimeout?: number | null
}

/** @internal */
export interface Joined {
  readonly generationId: number
  readonly groupProtocol: string
  readonly leaderId: string
  readonly memberId: string
  readonly members: readonly unknown[]
}

/** @internal */
export interface Cluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  isConnected(): boolean
  metadata(): Promise<{ readonly topicMetadata: readonly { readonly topic: string; readonly isInternal?: boolean }[] }>
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>
  refreshMetadata(): Promise<void>
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number | null }[]
  findBroker(node: { readonly nodeId: string }): Promise<Broker>
  findGroupCoordinator(group: { readonly groupId: string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  fetchTopicsOffset(
    topics: readonly (OfTopic<{ partition: number }> & { fromBeginning?: boolean; fromTimestamp?: number })[]
  ): Promise<readonly OfTopic<AtPartition>[]>
}

/** Partitions by topic, as requests want them. @internal */
export function byTopic<P extends { readonly topic: string }, T>(
  parts: readonly P[],
  item: (part: P) => T
): { topic: string; partitions: T[] }[] {
  const topics = new Map<string, T[]>()
  for (const part of parts) {
    const of = topics.get(part.topic)
    if (of) of.push(item(part))
    else topics.set(part.topic, [item(part)])
  }
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }))
}

/** The type of an error of Kafka's protocol, such as `REBALANCE_IN_PROGRESS`. @internal */
export function typeOf(error: unknown): string {
  const { type, cause } = error as { readonly type?: string; readonly cause?: { readonly type?: string } }
  return type ?? cause?.type ?? ''
}
