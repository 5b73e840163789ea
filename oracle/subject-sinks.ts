import { join } from 'node:path'
import { type Block, type MeasurementEvent, type Sink, timeOf } from '@messwerk/core/model'
import { ndjsonSink } from '@messwerk/core/node'
import { duckdbSink } from '@messwerk/storage/duckdb'
import { kafkaSink } from '@messwerk/transports/kafka'
import { noteClock } from './clock-journal.ts'
import { failingSink } from './failing-sink.ts'
import type { SubjectSettings } from './protocol.ts'

export interface SubjectSinks {
  readonly raw: Sink<Block>
  readonly windows: Sink<Block>
  readonly events: Sink<MeasurementEvent>
}

/** The sinks under test. `stored` is told the newest time of each stream when raw rows have become durable. */
export function subjectSinks(
  settings: SubjectSettings,
  stored: (newest: Record<string, number>) => void
): SubjectSinks {
  const { sink, store, seed, address } = settings
  if (sink === 'kafka') {
    const topic = (name: string): Sink<Block | MeasurementEvent> =>
      kafkaSink({ url: address, topic: name, timeout: '5s' })
    return { raw: reporting(topic('raw'), stored, undefined), windows: topic('windows'), events: topic('events') }
  }
  if (sink === 'ndjson') {
    const log = (name: string): Sink<Block | MeasurementEvent> => ndjsonSink({ path: join(store, `${name}.ndjson`) })
    return { raw: reporting(log('raw'), stored, settings.journal), windows: log('windows'), events: log('events') }
  }
  const path = join(store, 'plant.duckdb')
  const table = (name: string, number: number): Sink<Block | MeasurementEvent> => {
    const real = duckdbSink({ path, table: name, memory: '512MiB', wait: '10s' })
    return sink === 'failing' ? failingSink(real, name, seed + process.pid + number) : real
  }
  return {
    raw: reporting(table('raw', 1), stored, settings.journal),
    windows: table('windows', 2),
    events: table('events', 3)
  }
}

/** Reports what is durable; otherwise the sink itself. */
function reporting(
  sink: Sink<Block>,
  stored: (newest: Record<string, number>) => void,
  journal: string | undefined
): Sink<Block> {
  return {
    id: sink.id,
    open: (signal) => sink.open?.(signal) ?? Promise.resolve(),
    async write(blocks, signal) {
      if (journal) noteClock(journal, blocks)
      await sink.write(blocks, signal)
      const newest: Record<string, number> = {}
      for (const block of blocks) {
        const last = timeOf(block, block.length - 1)
        if (!(newest[block.stream.id]! > last)) newest[block.stream.id] = last
      }
      stored(newest)
    },
    close: () => sink.close?.() ?? Promise.resolve()
  }
}
