// One of several processes that share a topic: scores its keys and notes each scan with the time at which it did.
//   worker.ts <url> <topic> <group> <state topic> <file>
import { appendFileSync } from 'node:fs'
import { detect, pipeline, toEvents } from '@messwerk/core'
import { type Block, column, type MeasurementEvent, type Sink, timeOf } from '@messwerk/core/model'
import { zScore } from '@messwerk/detectors'
import { json, kafkaCheckpoints, kafkaSource } from '@messwerk/transports/kafka'

const [url = '', topics = '', group = '', state = '', path = ''] = process.argv.slice(2)

const rows: Sink<Block> = {
  write: async (blocks) => {
    const now = Date.now()
    let text = ''
    for (const block of blocks) {
      const scores = column(block, 'score')
      const flags = column(block, 'score.flag')
      for (let i = 0; i < block.length; i += 1)
        text += `row ${now} ${block.stream.id} ${timeOf(block, i)} ${scores[i]} ${flags[i]}\n`
    }
    appendFileSync(path, text)
  }
}
const events: Sink<MeasurementEvent> = {
  write: async (items) => {
    appendFileSync(path, items.map(({ id, phase }) => `event ${Date.now()} ${id} ${phase}\n`).join(''))
  }
}

const source = kafkaSource({
  url,
  topics,
  group,
  session: '1s',
  payload: json({ channels: { v: 'mm/s' }, time: { at: 'ts', unit: 'ms' } })
})
const run = pipeline('handover')
  .from(source)
  // biome-ignore lint/suspicious/noThenProperty: an option of detect
  .pipe(detect(zScore(), { learn: { scans: 20 }, then: 'adapt', threshold: { raise: 8, clear: 6 } }))
  .to(rows)
  .events(toEvents(), events)
  .start({
    checkpoint: { store: kafkaCheckpoints({ url, topic: state }), every: '500ms' },
    log: { info: () => {}, warn: (line: string) => console.error(line), error: (line: string) => console.error(line) }
  })
run.status$.subscribe(({ components }) => {
  if (components[source.id]?.state === 'running') console.log('ready')
})
process.once('SIGTERM', () => void run.stop())
await run.done
