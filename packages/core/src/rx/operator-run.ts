import type { AsyncKernel } from '../model/kernel.ts'
import type { Stream } from '../model/stream.ts'
import { type Scheduler, systemTime } from '../time/index.ts'

/**
 * What an operator that lives through a run may ask and tell.
 *
 * @internal
 */
export interface OperatorHost {
  readonly scheduler: Scheduler
  /** How a part of it is doing. */
  component(id: string, state: 'connecting' | 'running' | 'degraded', why?: string): void
  info(message: string): void
  warn(message: string, error?: unknown): void
}

/**
 * An operator in one run, where its kernels share something that lives as long as the run.
 *
 * @internal
 */
export interface OperatorRun {
  kernel(stream: Stream): AsyncKernel
  /** Resolves when blocks may come; kernels that a checkpoint knows were restored before. */
  open(): Promise<void>
  /** A turn begins: no block is being worked on. */
  turn(): void
  close(): Promise<void>
}

/** Of no pipeline: nobody is told. @internal */
export const bareHost: OperatorHost = { scheduler: systemTime, component: () => {}, info: () => {}, warn: () => {} }
