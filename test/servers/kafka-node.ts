import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { mavenJars } from './maven-jars.ts'
import { ServerProcess } from './server-process.ts'

export const KAFKA_VERSION = '4.3.1'
const CLUSTER = 'bWVzc3dlcmsta2Fma2ExMQ'
const STARTED = 'Kafka Server started'

// a newer slf4j-simple does not fit to the API that Kafka brings
export const kafkaJars = mavenJars(
  { name: 'Kafka', version: KAFKA_VERSION, variable: 'MESSWERK_KAFKA', needs: 'java' },
  [
    ['org.apache.kafka', 'kafka_2.13', KAFKA_VERSION],
    ['org.slf4j', 'slf4j-simple', '1.7.36']
  ]
)

/** What every node of a test needs, whatever its listeners and its cluster are. */
export const NODE_CONFIG: readonly string[] = [
  'process.roles=broker,controller',
  'controller.listener.names=CONTROLLER',
  'inter.broker.listener.name=PLAINTEXT',
  'auto.create.topics.enable=false',
  'group.initial.rebalance.delay.ms=0',
  'offsets.topic.num.partitions=1',
  'transaction.state.log.num.partitions=1',
  'log.cleaner.dedupe.buffer.size=4194304',
  'log.segment.bytes=16777216',
  // records have the time of their scan, which may be years ago: retention would delete them within half a minute
  'log.retention.ms=-1',
  // back within 5 s after a kill
  'broker.session.timeout.ms=2000',
  'broker.heartbeat.interval.ms=300',
  'group.min.session.timeout.ms=1000',
  'num.network.threads=2',
  'num.io.threads=2'
]

/** One Apache Kafka, broker and controller, that is started again on the same ports and files after it was killed. */
export class KafkaNode {
  readonly #folder: string
  readonly #port: number
  #starts = 0
  #server: ServerProcess | undefined

  /**
   * @param folder - there, for its configuration, logs and data
   * @param port - that answers when it is up
   */
  constructor(folder: string, port: number, properties: readonly string[]) {
    this.#folder = folder
    this.#port = port
    writeFileSync(this.#properties, [...properties, `log.dirs=${join(folder, 'logs')}`, ''].join('\n'))
  }

  /** Makes its data folder. */
  async format(...further: readonly string[]): Promise<void> {
    const flags = ['-XX:TieredStopAtLevel=1', '-cp', kafkaJars.classPath, 'kafka.tools.StorageTool']
    const args = [...flags, 'format', '-t', CLUSTER, '-c', this.#properties, ...further]
    await promisify(execFile)(findProgram('java') as string, args)
  }

  async start(): Promise<void> {
    const log = join(this.#folder, `log-${this.#starts}`)
    this.#starts += 1
    const flags = ['-Xms192m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    const args = [...flags, '-cp', kafkaJars.classPath, 'kafka.Kafka', this.#properties]
    const server = new ServerProcess(findProgram('java') as string, args, log)
    this.#server = server
    await server.prints(STARTED, 90_000)
    await server.listens(this.#port)
  }

  /** SIGKILL; its files stay. */
  async kill(): Promise<void> {
    await this.#server?.end('SIGKILL')
  }

  get #properties(): string {
    return join(this.#folder, 'server.properties')
  }
}
