import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Stored } from './stored.ts'
import { type Line, StoredLog } from './stored-log.ts'

/** Reads the three logs of a folder. */
export async function readNdjson(folder: string, feature: string): Promise<Stored> {
  const log = new StoredLog(feature)
  await eachLine(join(folder, 'raw.ndjson'), (line, text) => log.raw(line, text))
  await eachLine(join(folder, 'windows.ndjson'), (line, text) => log.window(line, text))
  await eachLine(join(folder, 'events.ndjson'), (line) => log.event(line))
  return log.stored()
}

async function eachLine(path: string, take: (line: Line, text: string) => void): Promise<void> {
  if (!existsSync(path)) return
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    take(JSON.parse(text) as Line, text)
  }
}
