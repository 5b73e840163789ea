export type { BatchOptions, DeliveryMode, OutletState } from '../delivery/outlet-like.ts'
export type { OutletMetrics } from '../delivery/outlet-metrics.ts'
export type { Remedy, RetryOptions } from '../delivery/retry-policy.ts'
export type { SpoolBehind } from '../delivery/spool-behind.ts'
export { type Common, type Flow, pipeline } from './flow.ts'
export type { Log } from './log.ts'
export { openMetrics } from './open-metrics.ts'
export type { ToOptions } from './plan.ts'
export type { CheckpointOptions, Run, StartOptions, StopOptions } from './run.ts'
export type {
  CheckpointMetrics,
  ComponentStatus,
  GapStatus,
  Health,
  RunMetrics,
  RunStatus,
  SourceMetrics
} from './status.ts'
