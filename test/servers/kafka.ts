import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Certificates, makeCertificates } from './certificates.ts'
import { whyMissing } from './fetched.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { mavenJars } from './maven-jars.ts'
import { ServerProcess } from './server-process.ts'

export interface KafkaServerOptions {
  /**
   * Also listens with TLS and SASL (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER with unsigned tokens), and with TLS that
   * asks for certificates of clients; those whom nobody has permitted anything may do nothing. @defaultValue false
   */
  readonly secured?: boolean | undefined
  /** Further lines of its configuration. */
  readonly config?: readonly string[] | undefined
}

export interface KafkaServer {
  /** `kafka://127.0.0.1:port` */
  readonly url: string
  /** `kafkas://127.0.0.1:port`, with `secured`. */
  readonly securedUrl: string | undefined
  /** `kafkas://127.0.0.1:port`, with `secured`: for those with a certificate of the authority. */
  readonly mutualUrl: string | undefined
  /** May do everything, with `secured`; so may the certificate of `certificates.client`, and who comes without TLS. */
  readonly user: string
  readonly password: string
  /** With the same password; may do what it was permitted. */
  readonly guest: string
  readonly certificates: Certificates | undefined
  /** Ends it and removes its files. */
  stop(): Promise<void>
  /** SIGKILL; its files stay. */
  kill(): Promise<void>
  /** Starts it again on the same ports and files, after `kill`. */
  restart(): Promise<void>
}

const VERSION = '4.3.1'
const USER = 'mw'
const GUEST = 'guest'
const PASSWORD = 'mw-secret'
const STORE_PASSWORD = 'changeit'
const CLUSTER = 'bWVzc3dlcmsta2Fma2ExMQ'
const STARTED = 'Kafka Server started'

// a newer slf4j-simple does not fit to the API that Kafka brings
export const kafkaJars = mavenJars({ name: 'Kafka', version: VERSION, variable: 'MESSWERK_KAFKA', needs: 'java' }, [
  ['org.apache.kafka', 'kafka_2.13', VERSION],
  ['org.slf4j', 'slf4j-simple', '1.7.36']
])

/** Starts one Apache Kafka broker on free ports of 127.0.0.1; the reason where that is not possible. It takes about 5 s. */
export async function startKafka(options: KafkaServerOptions = {}): Promise<KafkaServer | string> {
  const missing = whyMissing(kafkaJars)
  if (missing !== undefined) return missing
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-kafka-'))
  const certificates = options.secured ? makeCertificates(join(folder, 'certificates')) : undefined
  if (typeof certificates === 'string') return certificates
  const port = await freePort()
  const controllerPort = await freePort()
  const securedPort = options.secured ? await freePort() : undefined
  const mutualPort = options.secured ? await freePort() : undefined
  const keystore = certificates && makeKeystore(folder, certificates)
  const properties = join(folder, 'server.properties')
  writeFileSync(properties, propertiesOf(options, { folder, port, controllerPort, securedPort, mutualPort, keystore }))
  await format(properties)
  let starts = 0
  const start = async (): Promise<ServerProcess> => {
    const log = join(folder, `log-${starts}`)
    starts += 1
    const flags = ['-Xms192m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    const args = [...flags, '-cp', kafkaJars.classPath, 'kafka.Kafka', properties]
    const server = new ServerProcess(findProgram('java') as string, args, log)
    await server.prints(STARTED, 90_000)
    await server.listens(port)
    return server
  }
  let server = await start()
  return {
    url: `kafka://127.0.0.1:${port}`,
    securedUrl: securedPort === undefined ? undefined : `kafkas://127.0.0.1:${securedPort}`,
    mutualUrl: mutualPort === undefined ? undefined : `kafkas://127.0.0.1:${mutualPort}`,
    user: USER,
    guest: GUEST,
    password: PASSWORD,
    certificates,
    kill: () => server.end('SIGKILL'),
    stop: async () => {
      await server.end('SIGKILL') // nothing of it is needed any more, and it takes its time with SIGTERM
      rmSync(folder, { recursive: true, force: true })
    },
    restart: async () => {
      server = await start()
    }
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly controllerPort: number
  readonly securedPort: number | undefined
  readonly mutualPort: number | undefined
  readonly keystore: string | undefined
}

function propertiesOf({ config = [] }: KafkaServerOptions, place: Place): string {
  const { folder, port, controllerPort, securedPort, mutualPort, keystore } = place
  const secured = [`SASL_SSL://127.0.0.1:${securedPort}`, `SSL://127.0.0.1:${mutualPort}`]
  const own = [`PLAINTEXT://127.0.0.1:${port}`, ...(securedPort ? secured : [])]
  const lines = [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `listeners=${own.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${own.join(',')}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    `log.dirs=${join(folder, 'logs')}`,
    'auto.create.topics.enable=false',
    'group.initial.rebalance.delay.ms=0',
    'offsets.topic.num.partitions=1',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.num.partitions=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'log.cleaner.dedupe.buffer.size=4194304',
    'log.segment.bytes=16777216',
    // back within 5 s after a kill
    'broker.session.timeout.ms=2000',
    'broker.heartbeat.interval.ms=300',
    'group.min.session.timeout.ms=1000',
    'num.network.threads=2',
    'num.io.threads=2'
  ]
  if (keystore) lines.push(...security(keystore, folder))
  return `${lines.concat(config).join('\n')}\n`
}

function security(keystore: string, folder: string): string[] {
  const modules = 'org.apache.kafka.common.security'
  const scram = (kind: string): string =>
    `listener.name.sasl_ssl.scram-sha-${kind}.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`
  return [
    'ssl.keystore.type=PKCS12',
    `ssl.keystore.location=${keystore}`,
    `ssl.keystore.password=${STORE_PASSWORD}`,
    `ssl.key.password=${STORE_PASSWORD}`,
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required user_${USER}="${PASSWORD}" user_${GUEST}="${PASSWORD}";`,
    `listener.name.sasl_ssl.oauthbearer.sasl.jaas.config=${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="${USER}";`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${join(folder, 'certificates', 'ca.pem')}`,
    'listener.name.ssl.ssl.client.auth=required',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    `super.users=User:ANONYMOUS;User:${USER};User:CN=test-client`,
    scram('256'),
    scram('512')
  ]
}

function makeKeystore(folder: string, { ca, server }: Certificates): string {
  const file = join(folder, 'server.p12')
  const from = ['-inkey', server.key, '-in', server.cert, '-certfile', ca, '-name', 'server']
  const args = ['pkcs12', '-export', ...from, '-passout', `pass:${STORE_PASSWORD}`, '-out', file]
  execFileSync(findProgram('openssl') as string, args, { stdio: 'pipe' })
  return file
}

/** Its data folder, with the user for SCRAM. */
async function format(properties: string): Promise<void> {
  const scram = (kind: string): string[] => ['--add-scram', `SCRAM-SHA-${kind}=[name=${USER},password=${PASSWORD}]`]
  const args = ['-XX:TieredStopAtLevel=1', '-cp', kafkaJars.classPath, 'kafka.tools.StorageTool', 'format']
  const own = ['-t', CLUSTER, '-c', properties, ...scram('256'), ...scram('512')]
  await promisify(execFile)(findProgram('java') as string, [...args, ...own])
}
