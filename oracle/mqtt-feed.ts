import { setTimeout as sleep } from 'node:timers/promises'
import { Broker } from './broker.ts'
import type { Feed } from './feed.ts'
import { hasLastOfEach } from './has-last-of-each.ts'
import { Ledger } from './ledger.ts'
import { Publisher } from './publisher.ts'
import type { RecordPlan } from './records.ts'
import { TcpProxy } from './tcp-proxy.ts'

const SLOW_BYTES_PER_SECOND = 64 * 1024

/** A publisher and a broker; the process under test reaches the broker through a proxy, the publisher directly. */
export async function mqttFeed(
  plan: RecordPlan,
  rate: number,
  folder: string,
  limits: 'off' | 'default'
): Promise<Feed> {
  const broker = new Broker(folder, limits)
  await broker.start()
  const proxy = new TcpProxy(broker.port)
  const port = await proxy.listen()
  const ledger = new Ledger(plan.records)
  const publisher = new Publisher(plan, ledger, rate)
  await publisher.connect(broker.port)
  const body = plan.records - plan.machines
  let failure: unknown
  return {
    plan,
    ledger,
    address: `mqtt://127.0.0.1:${port}`,
    dataEnds: false,
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
    faults: {
      cut: () => {
        proxy.cut()
        return Promise.resolve()
      },
      async 'half-open'(ms) {
        const end = proxy.hold()
        await sleep(ms)
        end()
      },
      async slow(ms) {
        proxy.slow(SLOW_BYTES_PER_SECOND)
        await sleep(ms)
        proxy.slow()
      },
      async 'broker-restart'(ms) {
        await publisher.pause()
        await broker.stop()
        await sleep(ms)
        await broker.start()
        await publisher.resume()
      }
    },
    async close() {
      await publisher.close()
      await proxy.close()
      await broker.stop()
    }
  }
}
