// One of several processes that share a topic, for speed: it joins, warms up with some records, says what it has and waits for the word to go.
//   scaling-worker.ts <url> <topic> <group> <state topic, or nothing> <records to warm up with>
import { PerformanceObserver } from 'node:perf_hooks'
import { detect, pipeline, rms, toEvents } from '@messwerk/core'
import type { Block, MeasurementEvent, ReadOptions, Sink, Source } from '@messwerk/core/model'
import { ewmaChart, randomCutForest, robustZ } from '@messwerk/detectors'
import { json, kafkaCheckpoints, kafkaSource } from '@messwerk/transports/kafka'
import type { WorkerReport } from './scaling-report.ts'

const REPORT_MS = 50
const [url = '', topics = '', group = '', state = '', warmUp = '1'] = process.argv.slice(2)

const source = kafkaSource({
  url,
  topics,
  group,
  payload: json({ channels: { x: 'mm/s', y: 'mm/s', z: 'mm/s' }, time: { at: 'ts', unit: 'ms' } })
})
const splits = new Set<string>()
let go = (): void => {}
const going = new Promise<void>((resolve) => {
  go = resolve
})

/** The source, which has nothing more to give once it has warmed up until the word comes; it stays a member meanwhile. */
const held: Source<'x' | 'y' | 'z'> = {
  id: source.id,
  replay: source.replay,
  async *read(options) {
    let given = 0
    const word = Promise.race([going, once(options.signal)])
    for await (const batch of source.read({ ...options, splits: watched(options.splits) })) {
      yield batch
      for (const { length } of batch.blocks) given += length
      if (given >= Number(warmUp)) await word
    }
  },
  commit: async (at) => source.commit?.(at)
}

function watched({ assigned, revoked, lost }: ReadOptions['splits']): ReadOptions['splits'] {
  const gone = (split: string): void => {
    splits.delete(split)
    tell()
  }
  return {
    assigned: async (split) => {
      const position = await assigned(split)
      splits.add(split)
      tell()
      return position
    },
    revoked: async (split, deadlineMs) => {
      await revoked(split, deadlineMs)
      gone(split)
    },
    lost: (split) => {
      lost(split)
      gone(split)
    }
  }
}

const once = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

let [scans, features, events, at, gcMs] = [0, 0, 0, 0, 0]
const counted: Sink<Block> = {
  write: async (blocks) => {
    for (const { length } of blocks) scans += length
    at = Date.now()
  }
}
const countedFeatures: Sink<Block> = {
  write: async (blocks) => {
    for (const { length } of blocks) features += length
  }
}
const countedEvents: Sink<MeasurementEvent> = {
  write: async (items) => {
    events += items.length
  }
}

function tell(): void {
  const cpu = process.cpuUsage()
  const report: WorkerReport = {
    ...{ splits: splits.size, scans, features, events, at, gcMs },
    cpuMs: (cpu.user + cpu.system) / 1000
  }
  if (process.connected) process.send?.(report)
}

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration
}).observe({ entryTypes: ['gc'] })

let told = 0
const timer = setInterval(() => {
  if (at !== told) tell()
  told = at
}, REPORT_MS)

const limits = { raise: 8, clear: 6 }
const run = pipeline('scaling')
  .from(held)
  .pipe(
    detect(robustZ(), { learn: { scans: 30 }, threshold: limits, as: 'deviation' }),
    detect(randomCutForest({ channels: ['x', 'y', 'z'], trees: 10, sample: 32 }), {
      as: 'forest'
    })
  )
  .to(counted)
  .events(toEvents({ of: 'deviation' }), countedEvents)
  .pipe(
    rms({ window: { scans: 8 }, channels: ['x', 'y', 'z'] }),
    detect(ewmaChart(), { learn: { scans: 10 }, threshold: limits, as: 'drift' })
  )
  .to(countedFeatures)
  .start({
    checkpoint: state === '' ? {} : { store: kafkaCheckpoints({ url, topic: state }), every: '5s' },
    log: { info: () => {}, warn: (line: string) => console.error(line), error: (line: string) => console.error(line) }
  })
process.on('message', (word) => {
  if (word === 'go') return go()
  clearInterval(timer)
  go()
  void run.stop()
})
await run.done
process.disconnect?.()
