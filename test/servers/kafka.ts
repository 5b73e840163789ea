import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.ts'
import { whyMissing } from './fetched.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { KafkaNode, kafkaJars, NODE_CONFIG } from './kafka-node.ts'

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

const USER = 'mw'
const GUEST = 'guest'
const PASSWORD = 'mw-secret'
const STORE_PASSWORD = 'changeit'

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
  const place = { folder, port, controllerPort, securedPort, mutualPort, keystore }
  const node = new KafkaNode(folder, port, propertiesOf(options, place))
  await node.format(...scramUsers())
  await node.start()
  return {
    url: `kafka://127.0.0.1:${port}`,
    securedUrl: securedPort === undefined ? undefined : `kafkas://127.0.0.1:${securedPort}`,
    mutualUrl: mutualPort === undefined ? undefined : `kafkas://127.0.0.1:${mutualPort}`,
    user: USER,
    guest: GUEST,
    password: PASSWORD,
    certificates,
    kill: () => node.kill(),
    stop: async () => {
      await node.kill() // nothing of it is needed any more, and it takes its time with SIGTERM
      rmSync(folder, { recursive: true, force: true })
    },
    restart: () => node.start()
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

function propertiesOf({ config = [] }: KafkaServerOptions, place: Place): string[] {
  const { folder, port, controllerPort, securedPort, mutualPort, keystore } = place
  const secured = [`SASL_SSL://127.0.0.1:${securedPort}`, `SSL://127.0.0.1:${mutualPort}`]
  const own = [`PLAINTEXT://127.0.0.1:${port}`, ...(securedPort ? secured : [])]
  return [
    ...NODE_CONFIG,
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=${own.join(',')},CONTROLLER://127.0.0.1:${controllerPort}`,
    `advertised.listeners=${own.join(',')}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL',
    'offsets.topic.replication.factor=1',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    ...(keystore ? security(keystore, folder) : []),
    ...config
  ]
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

function scramUsers(): string[] {
  return ['256', '512'].flatMap((kind) => ['--add-scram', `SCRAM-SHA-${kind}=[name=${USER},password=${PASSWORD}]`])
}
