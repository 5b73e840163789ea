// What the driver takes for granted of kafkajs below its consumer, and kafkajs does not promise; the real answers are looked
// at in kafka.services.test.ts.
import * as kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { planConnection } from './connection-options.ts'
import { kafkaError } from './kafka-errors.ts'
import { loadKafkajs } from './load-kafkajs.ts'

const plan = planConnection({ url: 'kafka://h:9092' }, 'x')

it('hands its cluster to partition assigners, with what reading needs', () => {
  let cluster: Record<string, unknown> = {}
  const kafka = new kafkajs.Kafka({ brokers: ['h:1'], logLevel: 0 })
  kafka.consumer({
    groupId: 'g',
    partitionAssigners: [
      (config) => {
        cluster = config.cluster as unknown as Record<string, unknown>
        return kafkajs.PartitionAssigners.roundRobin(config)
      }
    ]
  })
  const used = ['connect', 'disconnect', 'metadata', 'addMultipleTargetTopics', 'refreshMetadata', 'findBroker']
  const more = ['findTopicPartitionMetadata', 'findGroupCoordinator', 'fetchTopicsOffset', 'isConnected']
  for (const name of used.concat(more)) expect(typeof cluster[name], name).toBe('function')
})

it('without the library the error says what to install', async () => {
  const missing = (): Promise<never> => Promise.reject(new Error('Cannot find package'))
  await expect(loadKafkajs(undefined, missing)).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
    message: "Kafka sources and sinks need the package 'kafkajs'; install it with: npm install kafkajs"
  })
  expect(await loadKafkajs(kafkajs, missing)).toBe(kafkajs)
  expect((await loadKafkajs(undefined)).Kafka).toBeTypeOf('function')
})

const wrapped = (inner: object): object => ({
  name: 'KafkaJSNumberOfRetriesExceeded',
  message: 'm',
  retriable: false,
  cause: inner
})

it.each<[string, object, object]>([
  [
    'wrong credentials',
    { name: 'KafkaJSSASLAuthenticationError', message: 'no', retriable: false },
    { code: 'AUTH_REFUSED' }
  ],
  [
    'no permission',
    { name: 'KafkaJSProtocolError', type: 'GROUP_AUTHORIZATION_FAILED', retriable: false },
    { code: 'AUTH_REFUSED' }
  ],
  [
    'no answer',
    wrapped({ name: 'KafkaJSRequestTimeoutError', message: 'late' }),
    { code: 'TIMED_OUT', retryable: true }
  ],
  [
    'no listener',
    wrapped({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED', message: 'refused' }),
    { code: 'NOT_CONNECTED' }
  ],
  [
    'a strange certificate',
    wrapped({ name: 'KafkaJSConnectionError', message: 'Connection error: self-signed certificate' }),
    { code: 'PROTOCOL_VIOLATION' }
  ],
  [
    'an old certificate',
    { name: 'KafkaJSConnectionError', message: 'x', code: 'CERT_HAS_EXPIRED' },
    { code: 'NOT_CONNECTED' }
  ],
  [
    'a topic with a bad name',
    {
      name: 'KafkaJSNonRetriableError',
      retriable: false,
      message: 'x',
      cause: { name: 'KafkaJSProtocolError', type: 'INVALID_TOPIC_EXCEPTION', retriable: false }
    },
    { code: 'PROTOCOL_VIOLATION' }
  ],
  [
    'a coordinator that is not there yet',
    wrapped({ name: 'KafkaJSProtocolError', type: 'GROUP_COORDINATOR_NOT_AVAILABLE', retriable: true, message: 'x' }),
    { code: 'NOT_CONNECTED', retryable: true }
  ],
  [
    'a codec that is not there',
    { name: 'KafkaJSNotImplemented', message: 'Snappy compression not implemented', retriable: false },
    { code: 'PROTOCOL_VIOLATION' }
  ],
  ['something unknown that may pass', { name: 'Error', message: 'x' }, { code: 'NOT_CONNECTED', retryable: true }]
])('%s is an error of the SDK', (_, error, expected) => {
  expect(kafkaError(error, plan, "topic 't'")).toMatchObject(expected)
})

it('a codec that is missing is named, with what to do', () => {
  const error = { name: 'KafkaJSNotImplemented', message: 'Snappy compression not implemented', retriable: false }
  expect(kafkaError(error, plan, 'fetching').message).toBe(
    'kafka://h:9092: fetching: Snappy compression not implemented; register a codec for it: CompressionCodecs of kafkajs, and pass that kafkajs as lib'
  )
})

it('Node finds only some names of the library in its import: the others are found, too', async () => {
  const { CompressionCodecs, ...others } = kafkajs
  const imported = { ...others, default: kafkajs }
  expect((await loadKafkajs(undefined, async () => imported)).CompressionCodecs).toBe(CompressionCodecs)
  expect((await loadKafkajs(imported as never)).CompressionCodecs).toBe(CompressionCodecs)
})
