// JSON messages of a real Apache Kafka through detection, against the client library alone that only parses them; and messages
// written, against its producer alone. Joining a group is not measured: the clock begins with the first message.
import { detect, pipeline } from '@messwerk/core'
import { type Block, blockOf, type Sink } from '@messwerk/core/model'
import { zScore } from '@messwerk/detectors'
import { json, kafkaSink, kafkaSource } from '@messwerk/transports/kafka'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { startKafka } from '../test/servers/kafka.ts'
import { bench, type Done } from './harness.ts'

const isShort = process.argv.includes('--short')
const MESSAGES = isShort ? 4_000 : 200_000
const WRITTEN = isShort ? 2_000 : 40_000
const KEYS = 1_000
const PARTITIONS = 4
const START = Date.UTC(2026, 0, 1)

const broker = await startKafka()
if (typeof broker === 'string') {
  console.log(`bench kafka: left out: ${broker}`)
  process.exit(0)
}
const { url } = broker
const kafka = new Kafka({ brokers: [url.slice('kafka://'.length)], logLevel: logLevel.NOTHING })
let runs = 0

/** About 100 bytes. */
function message(i: number): string {
  return `{"ts":${START + i},"value":${(20 + Math.sin(i / 50)).toFixed(6)},"unit":"Cel","machine":"press-${i % KEYS}","line":"hall-2/line-17"}`
}

async function fill(): Promise<void> {
  const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })]
  await Promise.all([admin.connect(), producer.connect()])
  const topics = ['read', 'written'].map((topic) => ({ topic, numPartitions: PARTITIONS }))
  await admin.createTopics({ topics, waitForLeaders: true })
  for (let i = 0; i < MESSAGES; i += 1000) {
    const messages = Array.from({ length: 1000 }, (_, k) => {
      const key = (i + k) % KEYS
      return { key: `press-${key}`, partition: key % PARTITIONS, value: message(i + k) }
    })
    await producer.send({ topic: 'read', messages })
  }
  await Promise.all([admin.disconnect(), producer.disconnect()])
}

async function parsing(): Promise<Done> {
  runs += 1
  const consumer = kafka.consumer({ groupId: `peer-${runs}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'read', fromBeginning: true })
  let count = 0
  let sum = 0
  let start = 0
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachBatch: async ({ batch }) => {
        if (start === 0) start = performance.now()
        for (const { value } of batch.messages) {
          sum += (JSON.parse((value as Buffer).toString()) as { value: number }).value
          count += 1
        }
        if (count === MESSAGES) resolve()
      }
    })
  })
  const seconds = (performance.now() - start) / 1000
  await consumer.disconnect()
  return { work: MESSAGES / 1000, result: [count, Number.isFinite(sum)], seconds }
}

async function detecting(): Promise<Done> {
  runs += 1
  let count = 0
  let start = 0
  let isAll = (): void => {}
  const all = new Promise<void>((resolve) => {
    isAll = resolve
  })
  const counted: Sink<Block> = {
    write: async (blocks) => {
      for (const block of blocks) count += block.length
      if (count === MESSAGES) isAll()
    }
  }
  const payload = json({ channels: { value: 'Cel' }, time: { at: 'ts', unit: 'ms' } })
  const source = kafkaSource({ url, group: `ours-${runs}`, topics: 'read', start: 'earliest', payload })
  const run = pipeline('bench').from(source).pipe(detect(zScore())).to(counted).start()
  const first = run.tap$.subscribe(() => {
    start = performance.now()
    first.unsubscribe()
  })
  await all
  const seconds = (performance.now() - start) / 1000
  await run.stop()
  return { work: MESSAGES / 1000, result: [count, true], seconds }
}

const blocks = Array.from({ length: WRITTEN / 100 }, (_, k) =>
  blockOf(
    { stream: `press-${k % KEYS}`, channels: { value: 'Cel', pressure: 'bar' }, rate: 1000 },
    {
      value: Array.from({ length: 100 }, (_, i) => 20 + Math.sin(i + k)),
      pressure: Array.from({ length: 100 }, (_, i) => 3 + Math.cos(i + k))
    }
  )
)

async function sinking(): Promise<Done> {
  const sink = kafkaSink({ url, topic: 'written' })
  await sink.open?.(new AbortController().signal)
  const start = performance.now()
  for (let i = 0; i < blocks.length; i += 10) await sink.write(blocks.slice(i, i + 10), new AbortController().signal)
  const seconds = (performance.now() - start) / 1000
  await sink.close?.()
  return { work: WRITTEN / 1000, result: WRITTEN, seconds }
}

/** The same texts and keys, made as plainly as one can. */
async function producing(): Promise<Done> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true })
  await producer.connect()
  const start = performance.now()
  for (let i = 0; i < blocks.length; i += 10) {
    const messages = blocks.slice(i, i + 10).flatMap((block) => textsOf(block))
    await producer.send({ topic: 'written', acks: -1, messages })
  }
  const seconds = (performance.now() - start) / 1000
  await producer.disconnect()
  return { work: WRITTEN / 1000, result: WRITTEN, seconds }
}

function textsOf({ stream, length, values }: Block): { key: string; value: string; timestamp: string }[] {
  return Array.from({ length }, (_, i) => {
    const time = new Date(START + i)
    const row = { stream: stream.id, time: time.toISOString(), value: values[i], pressure: values[length + i] }
    return { key: stream.id, value: JSON.stringify(row), timestamp: `${time.getTime()}` }
  })
}

try {
  await fill()
  console.log(`${KEYS} keys, ${PARTITIONS} partitions, messages of ${message(MESSAGES / 2).length} bytes`)
  await bench('kafka', async (b) => {
    const common = { unit: 'kmessages/s', better: 'higher' } as const
    await b.versus('vs-client-alone', {
      ...common,
      ours: detecting,
      peer: parsing,
      peerName: 'kafkajs eachBatch + JSON.parse'
    })
    await b.versus('sink-vs-client-alone', {
      ...common,
      ours: sinking,
      peer: producing,
      peerName: 'kafkajs producer + JSON.stringify'
    })
  })
} finally {
  await broker.stop()
}
