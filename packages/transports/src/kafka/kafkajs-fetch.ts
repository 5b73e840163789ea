import type { Buffer } from 'node:buffer'
import { NotConnectedError, ProtocolError } from '@messwerk/core/model'
import { Damaged } from './byte-cursor.ts'
import type { ConnectionPlan } from './connection-options.ts'
import { type FetchAnswer, fetchAnswer } from './fetch-answer.ts'
import { type Fetched, type FetchLimits, splitOf, type Wanted } from './kafka-client.ts'
import { type Broker, byTopic, type ProtocolRequest } from './kafkajs-protocol.ts'
import type { KafkaLibrary } from './load-kafkajs.ts'
import type { Aborted } from './read-committed.ts'
import { type Batches, readBatches, type Unzip } from './record-batches.ts'
import { unzipping } from './unzipping.ts'

const READ_COMMITTED = 1
const CLIENT_THROTTLES_SINCE = 8
/** Of the first partition with records a broker sends one batch whole, however large it is (KIP-74). */
const WHOLE_SINCE = 3

/** What a fetch needs besides its broker. @internal */
export interface FetchContext {
  readonly plan: ConnectionPlan
  readonly lib: KafkaLibrary
}

/**
 * One request to a leader. The request, and the errors that an answer tells of, are of kafkajs; the records are read here: it makes
 * several objects of each.
 *
 * @throws ProtocolError where a record batch is damaged, also when it was fetched again
 * @internal
 */
export async function fetchFrom(
  broker: Broker,
  wanted: readonly Wanted[],
  limits: FetchLimits,
  context: FetchContext
): Promise<readonly Fetched[]> {
  try {
    return await fetchOnce(broker, wanted, limits, context)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    // what happened on the way does not happen twice
    return await fetchOnce(broker, wanted, limits, context)
  }
}

async function fetchOnce(
  broker: Broker,
  wanted: readonly Wanted[],
  { bytes, bytesPerPartition, waitMs }: FetchLimits,
  { plan, lib }: FetchContext
): Promise<readonly Fetched[]> {
  const timeout = waitMs + plan.timeoutMs
  const readAnswer = (made: ProtocolRequest): ProtocolRequest => ({
    request: made.request,
    response: responseOf(made, wanted, unzipping(lib.CompressionCodecs), plan.url),
    requestTimeout: timeout
  })
  // the same broker, whose answers to this request are ours to read
  const own: Broker = Object.create(broker, {
    lookupRequest: {
      value: (key: number, definitions: unknown) => {
        const make = broker.lookupRequest(key, definitions)
        return (asked: unknown) => readAnswer(make(asked))
      }
    }
  })
  const answer = await own.fetch({
    isolationLevel: READ_COMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: bytes,
    topics: byTopic(wanted, ({ partition, offset }) => ({
      partition,
      fetchOffset: String(offset),
      maxBytes: bytesPerPartition
    }))
  })
  return (answer as { readonly fetched: readonly Fetched[] }).fetched
}

function responseOf(made: ProtocolRequest, wanted: readonly Wanted[], unzip: Unzip, url: string) {
  const { apiVersion } = made.request
  return {
    decode: async (bytes: Buffer) => {
      const { throttleMs, errorCode: failure, topics } = answerOf(bytes, apiVersion, url)
      if (failure !== 0) throw new NotConnectedError(url, `fetching: the broker answers with error ${failure}`)
      const clientSideThrottleTime = apiVersion >= CLIENT_THROTTLES_SINCE ? throttleMs : undefined
      const hasFailed = topics.some(({ partitions }) => partitions.some(({ errorCode }) => errorCode !== 0))
      // kafkajs throws a failure when it parses
      const fetched = hasFailed ? [] : await fetchedOf(topics, wanted, apiVersion, unzip, url)
      return { clientSideThrottleTime, responses: topics, fetched }
    },
    parse: (answer: unknown) => made.response.parse(answer)
  }
}

function answerOf(bytes: Buffer, version: number, url: string): FetchAnswer {
  try {
    return fetchAnswer(bytes, version)
  } catch (error) {
    throw new ProtocolError(`${url}: fetching: ${(error as Error).message}`, { cause: error })
  }
}

async function fetchedOf(
  topics: FetchAnswer['topics'],
  wanted: readonly Wanted[],
  version: number,
  unzip: Unzip,
  url: string
): Promise<Fetched[]> {
  const fetched: Fetched[] = []
  let cut: Wanted | undefined
  let goesOn = false
  for (const { topicName, partitions } of topics) {
    for (const { partition, batches, aborted, highWatermark } of partitions) {
      const want = wanted.find((one) => one.topic === topicName && one.partition === partition)
      if (!want) continue
      const { records, next, isAppendTime, isCut } = await batchesOf(want, batches, aborted, unzip, url)
      fetched.push({ topic: topicName, partition, records, next, end: highWatermark, isAppendTime })
      if (isCut) cut = want
      // others would go on beside it for ever; each is asked for as the first now and then
      if (isCut && version >= WHOLE_SINCE && want === wanted[0]) throw cutAt(want, url)
      if (next > want.offset) goesOn = true
    }
  }
  // with nothing whole it would go on so for ever
  if (cut && !goesOn) throw cutAt(cut, url)
  return fetched
}

async function batchesOf(
  want: Wanted,
  batches: Buffer,
  aborted: readonly Aborted[],
  unzip: Unzip,
  url: string
): Promise<Batches> {
  try {
    return await readBatches(batches, want.offset, aborted, unzip)
  } catch (error) {
    if (error instanceof Damaged) throw damagedAt(want, error.message, url, error)
    throw error
  }
}

function cutAt(want: Wanted, url: string): ProtocolError {
  return damagedAt(want, 'there is no whole record batch', url)
}

function damagedAt(want: Wanted, what: string, url: string, cause?: Error): ProtocolError {
  const why = `${what}; to go on behind it, let the group commit a later offset`
  return new ProtocolError(`${url}: '${splitOf(want)}' at offset ${want.offset}: ${why}`, { cause })
}
