import { type SinkStore, sinkSuite } from '@messwerk/core/testing'
import { describe, it } from 'vitest'
import { duckdbSink } from './duckdb-sink.ts'
import { databaseFile, rowsOf } from './fixtures/database-file.ts'

async function store(): Promise<SinkStore> {
  const path = databaseFile()
  return {
    open: async () => duckdbSink({ path, table: 'raw' }),
    read: async () =>
      (await rowsOf(path, 'SELECT epoch_ns(time) AS ns, * FROM raw')).map((row) => {
        const { ns, stream, time: _, split: __, position: ___, ...values } = row
        return { stream: String(stream), time: BigInt(ns as string), values: values as Record<string, number | null> }
      })
  }
}

sinkSuite('duckdb', { store }, { describe, it })
