export { type ConsoleOptions, consoleSink } from './console-sink.ts'
export { type NdjsonOptions, ndjsonSink } from './ndjson-sink.ts'
