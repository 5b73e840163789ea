import type { GsvChannel } from '../device/probe.ts'
import type { ScanSession } from '../device/scan-session.ts'
import type { Intake } from './intake.ts'
import type { ScanCounterOptions } from './scan-counter.ts'
import type { ScanFaults } from './scan-faults.ts'

/** A device that is about to be read, as a stream needs it. @internal */
export interface ReadableDevice {
  readonly model: string
  readonly serial: number | undefined
  readonly firmware: string | undefined
  /** Hz. */
  readonly rate: number
  readonly channels: readonly GsvChannel[]
  /** Of a measured frame. */
  readonly frameBytes: number
  readonly faults: ScanFaults
  /** Where it sends the number of each scan. */
  readonly counter?: ScanCounterOptions | undefined
}

/** A session that is read, of whatever protocol. @internal */
export interface Reading {
  readonly session: ScanSession
  /** Asks the device what it is, and tells whoever wants to know. */
  prepare(): Promise<ReadableDevice>
  /** From now on scans and notices of changes go there. */
  receive(intake: Intake): void
  start(): Promise<void>
  stop(): Promise<void>
  /** Gives back what was taken from others. */
  release(): Promise<void>
  close(): Promise<void>
}
