import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { type KafkaCluster, startKafkaCluster } from '../test/servers/kafka-cluster.ts'
import { OUTPUTS, PARTITIONS, TOPIC } from './kafka-names.ts'
import { TcpProxy } from './tcp-proxy.ts'

const PATIENCE_MS = 90_000

/** An Apache Kafka of this trial; the process under test reaches each of its brokers through a proxy, the oracle directly. */
export class OracleKafka {
  readonly proxies: readonly TcpProxy[]
  readonly #cluster: KafkaCluster
  #kills = 0

  private constructor(cluster: KafkaCluster, proxies: readonly TcpProxy[]) {
    this.#cluster = cluster
    this.proxies = proxies
  }

  /** With its topics. @throws Error where there is none */
  static async start(brokers: number): Promise<OracleKafka> {
    const proxies: TcpProxy[] = []
    const link = (port: number): Promise<number> => {
      const proxy = new TcpProxy(port)
      proxies.push(proxy)
      return proxy.listen()
    }
    const cluster = await startKafkaCluster({ brokers, link })
    if (typeof cluster === 'string') {
      await Promise.all(proxies.map((proxy) => proxy.close()))
      throw new Error(cluster)
    }
    const kafka = new OracleKafka(cluster, proxies)
    // what is written has the time of its scan, which is years ago: retention by time would delete it
    const configEntries = [{ name: 'retention.ms', value: '-1' }]
    const topics = [TOPIC, ...OUTPUTS].map((topic) => ({ topic, numPartitions: PARTITIONS, configEntries }))
    await kafka.#asked((admin) => admin.createTopics({ topics, waitForLeaders: true }))
    return kafka
  }

  /** Through the proxies. */
  get linkedUrl(): string {
    return this.#cluster.linkedUrl
  }

  get client(): Kafka {
    return new Kafka({ brokers: this.brokers, clientId: 'oracle', logLevel: logLevel.NOTHING })
  }

  get brokers(): string[] {
    return this.#cluster.url.slice('kafka://'.length).split(',')
  }

  /** SIGKILL of one broker after the other, which comes back after so many ms. */
  async killBroker(ms: number): Promise<void> {
    const { brokers } = this.#cluster
    const { id } = brokers[this.#kills % brokers.length]!
    await this.#kill(id, ms)
  }

  /** The same with the leader of one partition after the other. */
  async killLeader(ms: number): Promise<void> {
    const partition = this.#kills % PARTITIONS
    const { topics } = await this.#asked((admin) => admin.fetchTopicMetadata({ topics: [TOPIC] }))
    const leader = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader
    if (leader !== undefined) await this.#kill(leader, ms)
  }

  async stop(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()))
    await this.#cluster.stop()
  }

  async #kill(id: number, ms: number): Promise<void> {
    const broker = this.#cluster.brokers.find((one) => one.id === id)
    if (!broker) return
    this.#kills += 1
    await broker.kill()
    await sleep(ms)
    await broker.restart()
    await this.#untilInSync()
  }

  /** Else the next one to be killed may be the last that has everything, and the topic would stand still. */
  async #untilInSync(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const { topics } = await this.#asked((admin) => admin.fetchTopicMetadata({ topics: [TOPIC, ...OUTPUTS] }))
      const parts = topics.flatMap(({ partitions }) => partitions)
      if (parts.every(({ isr, replicas, leader }) => leader >= 0 && isr.length === replicas.length)) return
      if (performance.now() > deadline) throw new Error('the replicas did not come together again')
      await sleep(200)
    }
  }

  /** By a client of its own, as one that has lost its broker may take its time. */
  async #asked<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const admin = this.client.admin()
      try {
        await admin.connect()
        return await ask(admin)
      } catch (error) {
        if (performance.now() > deadline) throw error
        await sleep(200)
      } finally {
        await admin.disconnect().catch(() => {})
      }
    }
  }
}
