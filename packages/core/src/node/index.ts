export { type CheckpointFile, decodeCheckpoint, encodeCheckpoint } from './checkpoint-format.ts'
export { type ConsoleOptions, consoleSink } from './console-sink.ts'
export { type DeadLetterFileOptions, deadLetterFile } from './dead-letter-file.ts'
export type { StoredDeadLetter } from './dead-letter-line.ts'
export {
  type FileCheckpointClaim,
  type FileCheckpoints,
  type FileCheckpointsOptions,
  fileCheckpoints
} from './file-checkpoints.ts'
export { type NdjsonOptions, ndjsonSink } from './ndjson-sink.ts'
export { readDeadLetters } from './read-dead-letters.ts'
export { fileSpool } from './spool/file-spool.ts'
export type { SpoolOptions } from './spool/spool-options.ts'
export { type SpooledSource, spooled } from './spool/spooled.ts'
export { type StateDirectory, stateDirectory } from './state-directory.ts'
export { type StopOnSignalsOptions, stopOnSignals } from './stop-on-signals.ts'
export { type WebhookOptions, webhookSink } from './webhook-sink.ts'
