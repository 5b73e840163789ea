export { asyncDetectorChecks } from './async-detector-checks.ts'
export type { AsyncDetectorSubject } from './async-detector-subject.ts'
export { asyncDetectorSuite } from './async-detector-suite.ts'
export { blockText } from './block-text.ts'
export {
  type CheckpointPlace,
  type CheckpointSubject,
  checkpointChecks,
  checkpointSuite
} from './checkpoint-suite.ts'
export { detectorChecks } from './detector-checks.ts'
export { normalOperation } from './detector-samples.ts'
export type { DetectorSubject } from './detector-subject.ts'
export { detectorSuite } from './detector-suite.ts'
export type { DriverDevice, DriverLink, DriverSubject } from './driver-subject.ts'
export { driverChecks, driverSuite } from './driver-suite.ts'
export { type MemoryCheckpoints, memoryCheckpoints } from './memory-checkpoints.ts'
export { type AnyOperator, type OperatorSubject, operatorChecks } from './operator-checks.ts'
export { operatorSuite } from './operator-suite.ts'
export { type RecordingSink, type RecordingSinkOptions, recordingSink } from './recording-sink.ts'
export {
  type SharedCheckpointSubject,
  sharedCheckpointChecks,
  sharedCheckpointSuite
} from './shared-checkpoint-suite.ts'
export { type SinkStore, type SinkSubject, type StoredRow, sinkChecks, sinkSuite } from './sink-suite.ts'
export { type SourceSubject, sourceChecks, sourceSuite } from './source-suite.ts'
export { type SpoolPlace, type SpoolSubject, spoolChecks, spoolSuite } from './spool-suite.ts'
export type { Check, Skips, SuiteRunner } from './suite.ts'
export { VirtualTime } from './virtual-time.ts'
