import { join } from 'node:path'
import type { Feed } from './feed.ts'
import { mergeStored } from './merge-stored.ts'
import type { SinkName } from './protocol.ts'
import { readDuckdb } from './read-duckdb.ts'
import { readNdjson } from './read-ndjson.ts'
import type { Stored } from './stored.ts'

/** What is stored by all processes of a trial, each of which has a store of its own in the folder; but for topics, which they share. */
export async function readStores(
  { sink, folder, stores }: { readonly sink: SinkName; readonly folder: string; readonly stores: readonly string[] },
  feed: Feed,
  feature: string
): Promise<Stored> {
  if (sink === 'kafka' && feed.readOutput) return feed.readOutput(feature)
  const read = sink === 'ndjson' ? readNdjson : readDuckdb
  const all: Stored[] = []
  for (const store of stores) all.push(await read(join(folder, store), feature))
  return mergeStored(all)
}
