import { setTimeout as sleep } from 'node:timers/promises'
import type { Feed } from './feed.ts'
import { hasLastOfEach } from './has-last-of-each.ts'
import { judge } from './judge.ts'
import { PARTITIONS, TOPIC } from './kafka-names.ts'
import { KafkaPublisher } from './kafka-publisher.ts'
import { Ledger } from './ledger.ts'
import { OracleKafka } from './oracle-kafka.ts'
import { readKafka } from './read-kafka.ts'
import type { RecordPlan } from './records.ts'
import { find, type Verdict } from './verdict.ts'

const SLOW_BYTES_PER_SECOND = 64 * 1024

/** A producer and an Apache Kafka of one broker or several. */
export async function kafkaFeed(plan: RecordPlan, rate: number, brokers: number): Promise<Feed> {
  const kafka = await OracleKafka.start(brokers)
  const { proxies } = kafka
  const ledger = new Ledger(plan.records)
  const to = { brokers: kafka.brokers, topic: TOPIC, partitions: PARTITIONS }
  const publisher = new KafkaPublisher(plan, ledger, rate, to)
  await publisher.connect()
  const body = plan.records - plan.machines
  let failure: unknown
  return {
    plan,
    ledger,
    address: kafka.linkedUrl,
    dataEnds: false,
    restMs: 10_000, // the group waits for the session of a member that was killed
    get isSent() {
      if (failure) throw failure
      return publisher.hasSent(body)
    },
    start() {
      publisher.send(body).catch((error: unknown) => {
        failure = error
      })
    },
    finish: () => publisher.send(plan.records),
    isComplete: (newest) => hasLastOfEach(plan, newest),
    readOutput: (feature) => readKafka(kafka.client, feature),
    judge: (stored, rule) => withoutGaps(judge(plan, ledger, stored, { rule, dataEnds: false })),
    faults: {
      async cut() {
        for (const proxy of proxies) proxy.cut()
      },
      async 'half-open'(ms) {
        const ends = proxies.map((proxy) => proxy.hold())
        await sleep(ms)
        for (const end of ends) end()
      },
      async slow(ms) {
        for (const proxy of proxies) proxy.slow(SLOW_BYTES_PER_SECOND)
        await sleep(ms)
        for (const proxy of proxies) proxy.slow()
      },
      'broker-kill': (ms) => kafka.killBroker(ms),
      ...(brokers < 3 ? {} : { leader: (ms: number) => kafka.killLeader(ms) })
    },
    async close() {
      await publisher.close()
      await kafka.stop()
    }
  }
}

/** A log keeps what it was given: what is declared missing is lost all the same. */
export function withoutGaps(verdict: Verdict): Verdict {
  const { declaredGaps } = verdict
  if (declaredGaps === 0) return verdict
  find(verdict, `${declaredGaps} records are declared missing, and the log has them`)
  return { ...verdict, lost: verdict.lost + declaredGaps }
}
