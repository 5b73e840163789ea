export type { AsyncDetector, AsyncDetectorSpec } from './async-detector.ts'
export { type Block, blockBytes, column, type Origin, timeNs, timeOf, withGap } from './block.ts'
export { BlockBuilder, type BlockShape, type BuilderOptions, blockOf } from './block-builder.ts'
export { type BlockJson, blockFromJson, blockToJson } from './block-json.ts'
export { type Calibration, type CalibrationOptions, calibrationScores } from './calibration-scores.ts'
export type { Channel, ChannelRole } from './channel.ts'
export type {
  Checkpoint,
  CheckpointClaim,
  CheckpointStore,
  LaneState,
  SplitState,
  StepState,
  TakeListener,
  TakenSplit
} from './checkpoint.ts'
export { concatBlocks, sliceBlock } from './cut.ts'
export type { DeadLetter } from './dead-letter.ts'
export { type DecodeBlockOptions, decodeBlock } from './decode-block.ts'
export type { Detector, DetectorSpec } from './detector.ts'
export type { Drift, DriftSpec, DriftTest } from './drift.ts'
export { type EncodeBlockOptions, encodeBlock } from './encode-block.ts'
export {
  AuthError,
  BatchError,
  DecodeError,
  DeviceError,
  FencedError,
  InUseError,
  isSdkError,
  MissingDependencyError,
  ModelError,
  type ModelErrorReason,
  NotConnectedError,
  OperatorError,
  OverflowError,
  PipelineError,
  ProtocolError,
  SdkError,
  type SdkErrorCode,
  ShapeMismatchError,
  SnapshotIncompatibleError,
  StorageError,
  TimeoutError
} from './errors.ts'
export type { EventValue, MeasurementEvent } from './event.ts'
export { type FormatOptions, format } from './format.ts'
export { fromText } from './from-text.ts'
export { type Gap, type GapCause, joinGaps } from './gap.ts'
export type { JsonNumber } from './json-reader.ts'
export type { AsyncKernel, Emission, EventKernel, Kernel } from './kernel.ts'
export { type AlarmRules, type Limits, limits } from './limits.ts'
export type { ModelRef } from './model-ref.ts'
export { type PValueOptions, pValue } from './p-value.ts'
export { Quality } from './quality.ts'
export type { Samples } from './samples.ts'
export type { Scaler } from './scaler.ts'
export type { Sink } from './sink.ts'
export type { Snapshot } from './snapshot.ts'
export type { Batch, Positions, ReadOptions, Rejected, Source, SourceReport, Splits } from './source.ts'
export { type Duration, durationMs, parseSpan, type Size, type Span, sizeBytes } from './span.ts'
export type { Spool, SpoolMetrics, SpoolReadOptions, SpoolRecord, SpoolState } from './spool.ts'
export type { SpoolBounds } from './spool-bounds.ts'
export {
  channelIndexes,
  defineStream,
  extendStream,
  replaceChannels,
  type Stream,
  type StreamDefinition
} from './stream.ts'
export type { ChannelJson, StreamJson } from './stream-json.ts'
export { toText } from './text.ts'
export type { Threshold, ThresholdSpec, Verdict } from './threshold.ts'
export { type Clock, type EventAxis, nsOfMs, sliceAxis, type TimeAxis, type UniformAxis } from './time-axis.ts'
export type { TimeJson } from './time-json.ts'
export { parseUnit, type Unit, type UnitConversion, unitConversion } from './units.ts'
