export {
  type DuckdbReader,
  type DuckdbReaderOptions,
  duckdbReader,
  type Instant,
  type Period,
  type StoredGap
} from './duckdb-reader.ts'
export { type DuckdbSink, type DuckdbSinkOptions, duckdbSink } from './duckdb-sink.ts'
export type { DuckdbLibrary } from './load-duckdb.ts'
