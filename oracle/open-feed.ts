import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Feed } from './feed.ts'
import { fileFeed } from './file-feed.ts'
import { gsvFeed } from './gsv-feed.ts'
import { kafkaFeed } from './kafka-feed.ts'
import { mqttFeed } from './mqtt-feed.ts'
import { recordPlan } from './records.ts'
import type { TrialOptions } from './trial.ts'

/** The feed of a source by its name, with a folder of its own that is removed with it. */
export async function openFeed(options: TrialOptions): Promise<Feed> {
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-feed-'))
  const feed = await opened(options, folder)
  const close = async (): Promise<void> => {
    await feed.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return new Proxy(feed, { get: (target, key) => (key === 'close' ? close : Reflect.get(target, key)) })
}

function opened(options: TrialOptions, folder: string): Promise<Feed> {
  const { source, records, rate, seed, spool, brokerLimits, brokers = 1 } = options
  const plan = recordPlan(records, seed)
  switch (source) {
    case 'file':
      return fileFeed(plan, folder)
    case 'mqtt':
      return mqttFeed(plan, rate, folder, brokerLimits)
    case 'kafka':
      return kafkaFeed(plan, rate, brokers)
    case 'gsv':
      return gsvFeed(records, rate, seed, spool, folder)
  }
}
