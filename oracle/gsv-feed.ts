import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bundleSubject } from './bundle-subject.ts'
import { ClockJournal } from './clock-journal.ts'
import { DeviceLog } from './device-log.ts'
import type { Feed } from './feed.ts'
import { gsvPlan } from './gsv-plan.ts'
import { judgeGsv } from './judge-gsv.ts'
import { Ledger } from './ledger.ts'
import { recordPlan } from './records.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** Less than the amplifier sends, which is 11 a scan, so that it piles up. */
const SLOW_BYTES_PER_SCAN = 4

/** A simulated amplifier in its own process, reached through a proxy. */
export async function gsvFeed(
  records: number,
  rate: number,
  seed: number,
  spool: boolean,
  folder: string
): Promise<Feed> {
  const plan = gsvPlan(records, rate, seed)
  const program = await bundleSubject('gsv-device')
  const device = spawn(process.execPath, [program, JSON.stringify(plan)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  const log = new DeviceLog(rate)
  const proxy = new TcpProxy(await portOf(device))
  device.on('message', (state) => log.add(state as never))
  const port = await proxy.listen()
  const ledger = new Ledger(0)
  const journal = join(folder, 'clock')
  return {
    plan: { ...recordPlan(records, seed), machines: 1 },
    get ledger() {
      ledger.sent = ledger.acknowledged = log.sent
      return ledger
    },
    address: `tcp://127.0.0.1:${port}`,
    journal,
    dataEnds: false,
    goesOn: true,
    get isSent() {
      return log.sent >= records
    },
    start: () => {},
    finish: () => Promise.resolve(),
    silence: () => proxy.close(),
    isComplete: () => true,
    judge: (stored, rule) =>
      judgeGsv({ plan, log, stored, rule, replayable: spool, journal: new ClockJournal(journal) }),
    faults: {
      cut: () => Promise.resolve(proxy.cut()),
      async 'half-open'(ms) {
        const end = proxy.hold()
        await sleep(ms)
        end()
      },
      async slow(ms) {
        proxy.slow(SLOW_BYTES_PER_SCAN * rate)
        await sleep(ms)
        proxy.slow()
      }
    },
    async close() {
      device.kill('SIGKILL')
      await proxy.close()
      rmSync(dirname(program), { recursive: true, force: true })
    }
  }
}

function portOf(device: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    device.once('message', (message) => resolve((message as { port: number }).port))
    device.once('exit', (code) => reject(new Error(`the simulated amplifier ended with ${code}`)))
  })
}
