import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whyMissing } from './fetched.ts'
import { freePort } from './free-port.ts'
import { KafkaNode, kafkaJars, NODE_CONFIG } from './kafka-node.ts'

export interface KafkaClusterOptions {
  /** Each also votes for the controller. @defaultValue 1 */
  readonly brokers?: number | undefined
  /**
   * Each broker has a second listener. Its clients are sent to the port that this gives for the port it has, such as that of a
   * proxy. @defaultValue the port it has
   */
  readonly link?: ((port: number) => Promise<number>) | undefined
  /** Further lines of the configuration. */
  readonly config?: readonly string[] | undefined
}

export interface ClusterBroker {
  /** Its `node.id`. */
  readonly id: number
  /** SIGKILL; its files stay. */
  kill(): Promise<void>
  /** Starts it again on the same ports and files, after `kill`. */
  restart(): Promise<void>
}

export interface KafkaCluster {
  /** `kafka://127.0.0.1:port,…` */
  readonly url: string
  /** The same by the second listeners. */
  readonly linkedUrl: string
  readonly brokers: readonly ClusterBroker[]
  /** Ends all and removes their files. */
  stop(): Promise<void>
}

interface Ports {
  readonly id: number
  readonly direct: number
  readonly linked: number
  readonly advertised: number
  readonly controller: number
}

/**
 * Starts an Apache Kafka of several brokers on free ports of 127.0.0.1; the reason where that is not possible. With three of them each
 * topic has three replicas, of which two must have a record before it is acknowledged, the groups' and the transactions' own as well.
 */
export async function startKafkaCluster(options: KafkaClusterOptions = {}): Promise<KafkaCluster | string> {
  const missing = whyMissing(kafkaJars)
  if (missing !== undefined) return missing
  const { brokers = 1, link = async (port) => port } = options
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-kafka-'))
  const ports: Ports[] = []
  for (let id = 1; id <= brokers; id += 1) {
    const [direct, linked, controller] = [await freePort(), await freePort(), await freePort()]
    ports.push({ id, direct, linked, controller, advertised: await link(linked) })
  }
  const nodes = ports.map((own) => nodeOf(own, ports, folder, options))
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(nodes.map((node) => node.format()))
    await Promise.all(nodes.map((node) => node.start()))
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: urlOf(ports.map(({ direct }) => direct)),
    linkedUrl: urlOf(ports.map(({ advertised }) => advertised)),
    brokers: nodes.map((node, i) => ({ id: i + 1, kill: () => node.kill(), restart: () => node.start() })),
    stop
  }
}

function nodeOf(own: Ports, all: readonly Ports[], folder: string, { config = [] }: KafkaClusterOptions): KafkaNode {
  const { id, direct, linked, advertised, controller } = own
  const home = join(folder, `${id}`)
  mkdirSync(home)
  const copies = Math.min(3, all.length)
  const inSync = Math.max(1, copies - 1)
  return new KafkaNode(home, direct, [
    ...NODE_CONFIG,
    `node.id=${id}`,
    `controller.quorum.voters=${all.map((one) => `${one.id}@127.0.0.1:${one.controller}`).join(',')}`,
    `listeners=PLAINTEXT://127.0.0.1:${direct},LINKED://127.0.0.1:${linked},CONTROLLER://127.0.0.1:${controller}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${direct},LINKED://127.0.0.1:${advertised}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,LINKED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `default.replication.factor=${copies}`,
    `min.insync.replicas=${inSync}`,
    `offsets.topic.replication.factor=${copies}`,
    `transaction.state.log.replication.factor=${copies}`,
    `transaction.state.log.min.isr=${inSync}`,
    ...config
  ])
}

function urlOf(ports: readonly number[]): string {
  return `kafka://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
}
