import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Feed } from './feed.ts'
import { Ledger } from './ledger.ts'
import { type RecordPlan, record, streamOf } from './records.ts'

/** A CSV file with all records, machines mixed line by line. */
export async function fileFeed(plan: RecordPlan, folder: string): Promise<Feed> {
  const path = join(folder, 'records.csv')
  await pipeline(Readable.from(lines(plan)), createWriteStream(path))
  const ledger = new Ledger(plan.records)
  ledger.acknowledgeAll()
  return {
    plan,
    ledger,
    address: path,
    dataEnds: true,
    isSent: false, // what is left is not known before the end of the data
    start: () => {},
    finish: () => Promise.resolve(),
    isComplete: () => false,
    faults: {},
    close: () => Promise.resolve()
  }
}

function* lines(plan: RecordPlan): Generator<string> {
  let text = 'machine,ts,id,v\n'
  for (let id = 0; id < plan.records; id += 1) {
    const { machine, ms, v } = record(plan, id)
    text += `${streamOf(machine)},${ms},${id},${v}\n`
    if (text.length < 1 << 16) continue
    yield text
    text = ''
  }
  yield text
}
