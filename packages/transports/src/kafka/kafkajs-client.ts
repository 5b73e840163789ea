import type { Kafka, KafkaConfig, SASLOptions } from 'kafkajs'
import { tlsGiven } from '../connection/tls-options.ts'
import { registerCodecs } from './compression.ts'
import { type ConnectionPlan, checkOpen, type KafkaSasl } from './connection-options.ts'
import { KafkajsSockets } from './kafkajs-sockets.ts'
import { type KafkaLibrary, loadKafkajs } from './load-kafkajs.ts'
import { oauthBearer } from './oauth-bearer.ts'

/** One client of kafkajs. @internal */
export interface KafkajsClient {
  readonly kafka: Kafka
  readonly lib: KafkaLibrary
  readonly sockets: KafkajsSockets
}

// the pipeline decides when to try again; a broker that comes up takes a few hundred ms to know its coordinator
const RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 1000 }
const SILENT = 0

/** @throws MissingDependencyError @internal */
export async function kafkajsClient(plan: ConnectionPlan): Promise<KafkajsClient> {
  const lib = await loadKafkajs(plan.options.lib)
  registerCodecs(lib, plan.options.codecs)
  const sockets = new KafkajsSockets((host) => checkOpen(plan, host, `a broker of ${plan.url}`))
  const { sasl, tls } = plan.options
  const config: KafkaConfig = {
    brokers: Array.from(plan.brokers),
    clientId: plan.clientId,
    connectionTimeout: plan.timeoutMs,
    authenticationTimeout: plan.timeoutMs,
    requestTimeout: plan.timeoutMs,
    retry: RETRY,
    // what it has to say comes as errors
    logLevel: SILENT,
    logCreator: () => () => {},
    socketFactory: sockets.factory as NonNullable<KafkaConfig['socketFactory']>
  }
  if (plan.isSecure) config.ssl = tls ? tlsGiven(tls) : true
  if (sasl) config.sasl = await saslOf(sasl)
  return { kafka: new lib.Kafka(config), lib, sockets }
}

async function saslOf(sasl: KafkaSasl): Promise<SASLOptions> {
  if (sasl.mechanism === 'oauthbearer') return oauthBearer(sasl.token)
  const { mechanism, username, password } = sasl
  const secret = typeof password === 'function' ? await password() : password
  return { mechanism, username, password: secret } as SASLOptions
}
