import { describe, expect, it } from 'vitest'
import { number } from '../payload/number-payload.ts'
import { planConnection } from './connection-options.ts'
import { kafkaSink } from './kafka-sink.ts'
import { kafkaSource } from './kafka-source.ts'
import { topicPattern } from './topic-pattern.ts'

const payload = number({ t: 'Cel' })
const good = { url: 'kafka://h', group: 'g', topics: 't', payload }
const password = { mechanism: 'plain', username: 'u', password: 'p' }

// as plain JavaScript would call them
const source = kafkaSource as unknown as (options: object) => unknown
const sink = kafkaSink as unknown as (options: object) => unknown

describe('kafkaSource refuses', () => {
  it.each<[string, object, string]>([
    ['no url', { url: undefined }, "TypeError: kafkaSource: url must be like 'kafka://host:9092' or"],
    ['another scheme', { url: 'http://h' }, 'TypeError: kafkaSource: url must be like'],
    [
      'credentials in the url',
      { url: 'kafkas://u:p@h' },
      'TypeError: kafkaSource: url holds no credentials; give sasl'
    ],
    ['a port that is none', { url: 'kafka://h:99999' }, "got the broker 'h:99999'"],
    ['an IPv6 address', { url: 'kafka://a,[::1]:9092' }, "IPv6 addresses cannot be used, got '[::1]:9092'"],
    ['TLS options without TLS', { tls: {} }, "RangeError: kafkaSource: tls needs a url that begins with 'kafkas://'"],
    [
      'an unknown mechanism',
      { sasl: { ...password, mechanism: 'gssapi' } },
      'must be one of plain, scram-sha-256, scram-sha-512, oauthbearer, got "gssapi"'
    ],
    [
      'credentials without TLS',
      { sasl: password },
      "RangeError: kafkaSource: sasl needs a url that begins with 'kafkas://', or everyone on the way to 'h' reads the credentials"
    ],
    [
      'credentials without TLS for one of several brokers',
      { url: 'kafka://127.0.0.1,kafka-2:5', sasl: { mechanism: 'oauthbearer', token: () => 't' } },
      "everyone on the way to 'kafka-2'"
    ],
    [
      'a word for yes',
      { sasl: { ...password, unencrypted: 'yes' } },
      'sasl.unencrypted must be true or false, got "yes"'
    ],
    ['no name', { sasl: { ...password, username: '' } }, 'TypeError: kafkaSource: sasl.username must be a name'],
    [
      'a password of another kind',
      { sasl: { ...password, password: 5 } },
      'sasl.password must be a string or a function, got a number'
    ],
    [
      'a token that is no function',
      { sasl: { mechanism: 'oauthbearer', token: 'x' } },
      'sasl.token must be a function that gives a token'
    ],
    ['an empty client id', { clientId: '' }, 'TypeError: kafkaSource: clientId must be a name'],
    ['a short timeout', { timeout: '10ms' }, "RangeError: kafkaSource: timeout must be at least 1 s, got '10ms'"],
    ['no group', { group: '' }, 'TypeError: kafkaSource: group must be the name of a consumer group'],
    ['no topics', { topics: [] }, 'TypeError: kafkaSource: topics must be a topic, a pattern such as'],
    ['a topic that is none', { topics: 'line/+' }, "got 'line/+'; a pattern is a RegExp"],
    ['a topic of another kind', { topics: [5] }, 'topics must hold names and patterns, got 5'],
    [
      'no payload',
      { payload: undefined },
      'TypeError: kafkaSource: payload must be made by json(), number() or custom()'
    ],
    ['an unknown start', { start: 'first' }, "start must be 'committed', 'earliest', 'latest' or a Date, got first"],
    ['a start that is no time', { start: new Date(Number.NaN) }, 'RangeError: kafkaSource: start must be'],
    ['a stream that is no function', { stream: 's' }, 'TypeError: kafkaSource: stream must be a function'],
    [
      'an empty instanceId',
      { instanceId: '' },
      'TypeError: kafkaSource: instanceId must be a name of letters, digits,'
    ],
    ['an instanceId that is none', { instanceId: 'a b' }, `got "a b"`],
    ['an instanceId that is a folder', { instanceId: '..' }, `got ".."`],
    ['an instanceId of another kind', { instanceId: 5 }, 'got 5'],
    ['a short session', { session: '1ms' }, "session must be at least 1 s, got '1ms'"],
    ['a tiny buffer', { buffer: '1B' }, "buffer must be from 1KiB to 2GiB, got '1B'"]
  ])('%s', (_, options, message) => {
    expect(() => source({ ...good, ...options })).toThrow()
    try {
      source({ ...good, ...options })
    } catch (error) {
      expect(String(error)).toContain(message)
    }
  })
})

describe('kafkaSink refuses', () => {
  it.each<[string, object, string]>([
    ['no topic', { topic: undefined }, "TypeError: kafkaSink: topic must be a topic such as 'features.{line}'"],
    [
      'a topic that is none',
      { topic: 'a/{line}' },
      "RangeError: kafkaSink: a topic has letters, digits, '.', '_' and '-'"
    ],
    ['unknown acks', { acks: 'some' }, `acks must be 'all', 'leader' or 'none', got "some"`],
    [
      'an idempotent producer without confirmation',
      { acks: 'none', idempotent: true },
      "idempotent needs acks: 'all', got 'none'"
    ],
    [
      'an unknown compression',
      { compression: 'zip' },
      'compression must be one of none, gzip, snappy, lz4, zstd, got "zip"'
    ],
    [
      'a codec without its half',
      { codecs: { lz4: { compress: () => new Uint8Array() } } },
      'codecs.lz4 must have compress and decompress'
    ],
    ['an unknown codec', { codecs: { gzip: {} } }, 'codecs has snappy, lz4 and zstd, got gzip'],
    ['a key that is no function', { key: 'k' }, 'TypeError: kafkaSink: key must be a function'],
    ['a tiny batch', { batch: '1B' }, "batch must be at least 1KiB, got '1B'"]
  ])('%s', (_, options, message) => {
    expect(() => sink({ url: 'kafka://h', topic: 't', ...options })).toThrow(message.replace(/^\w+Error: /, ''))
  })
})

describe('credentials are taken', () => {
  const url = 'kafka://h'
  it.each([
    ['with TLS', { url: 'kafkas://h', sasl: password }],
    ['without it to this machine', { url: 'kafka://localhost,127.0.0.1:1,LOCALHOST:5', sasl: password }],
    ['without it where that is meant', { url, sasl: { ...password, unencrypted: true } }]
  ])('%s', (_, options) => {
    expect(() => sink({ topic: 't', ...options })).not.toThrow()
  })
})

describe('brokers of a url', () => {
  it.each([
    ['kafka://h', ['h:9092'], false],
    ['kafka://h:1/', ['h:1'], false],
    ['kafkas://a:9093,b,10.0.0.1:5', ['a:9093', 'b:9092', '10.0.0.1:5'], true]
  ])('%s', (url, brokers, isSecure) => {
    expect(planConnection({ url }, 'x')).toMatchObject({ brokers, isSecure })
  })
})

describe('a pattern', () => {
  it('must match the whole name, and gives its named groups', () => {
    const pattern = topicPattern(/line\.(?<hall>\w+)(?:\.(?<machine>\w+))?/g, 'x')
    expect(pattern.match('line.a')).toEqual({ hall: 'a' })
    expect(pattern.match('line.a.b')).toEqual({ hall: 'a', machine: 'b' })
    expect(pattern.match('line.a.b')).toEqual({ hall: 'a', machine: 'b' })
    expect(pattern.match('my.line.a')).toBeUndefined()
    expect(topicPattern('line.a', 'x').match('line.a')).toEqual({})
    expect(topicPattern('line.a', 'x').match('lineXa')).toBeUndefined()
  })
})
