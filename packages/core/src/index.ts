export type { GapRule } from './kernels/kernel-cell.ts'
export * from './model/index.ts'
export type { Agreement } from './operators/agreement.ts'
export {
  type AlignedNames,
  type AlignedStreams,
  type Aligning,
  type AlignOptions,
  align
} from './operators/align.ts'
export { convert } from './operators/convert.ts'
export { type DeriveOptions, derive } from './operators/derive.ts'
export {
  type AnyModel,
  type DetectAdds,
  type DetectModelOptions,
  type DetectModelsOptions,
  type DetectOptions,
  detect
} from './operators/detect.ts'
export { type DriftOptions, drift } from './operators/drift.ts'
export { mean } from './operators/mean.ts'
export { minMax } from './operators/min-max.ts'
export { peakToPeak } from './operators/peak-to-peak.ts'
export { type PhaseUnbalanceOptions, phaseUnbalance, type UnbalanceDefinition } from './operators/phase-unbalance.ts'
export { type RaisedRatioOptions, raisedRatio } from './operators/raised-ratio.ts'
export { rename } from './operators/rename.ts'
export { rms } from './operators/rms.ts'
export { type Scaling, scale } from './operators/scale.ts'
export { select } from './operators/select.ts'
export {
  type SequenceComponentsOptions,
  type SequenceName,
  sequenceComponents
} from './operators/sequence-components.ts'
export { type ShadowOptions, shadow } from './operators/shadow.ts'
export { standardDeviation } from './operators/standard-deviation.ts'
export { threshold } from './operators/threshold.ts'
export { type ToEventsOptions, toEvents } from './operators/to-events.ts'
export { type WhenOptions, when } from './operators/when.ts'
export type { WindowOptions } from './operators/windows.ts'
export * from './pipeline/index.ts'
export { type PushSource, type PushSourceOptions, pushSource } from './rows/push-source.ts'
export { type Row, rows } from './rows/rows.ts'
export { type ToBlocks, type ToBlocksOptions, toBlocks } from './rows/to-blocks.ts'
export { type AsyncOperatorSpec, asyncOperator } from './rx/async-operator.ts'
export { type EventOperator, type EventOperatorSpec, eventOperator } from './rx/event-operator.ts'
export { observe } from './rx/observe.ts'
export { type After, type Mode, type Operator, type OperatorSpec, operator } from './rx/operator.ts'
export { viaRx } from './rx/via-rx.ts'
export { type WriteToOptions, type Written, writeTo } from './rx/write-to.ts'
export { type Scheduler, sleep, systemTime } from './time/index.ts'
