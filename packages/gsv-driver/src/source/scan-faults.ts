import type { ScanBuffer } from '../codec/index.ts'

/** Which values of flagged scans are uncertain. @internal */
export interface ScanFaults {
  /** Uncertain values by scan of the parser's buffer, bit 0 the first; only where the scan has flags. */
  readonly masks: Uint16Array
  /** Looks at the scans that were decoded since the last call. */
  examine(scans: ScanBuffer): void
  /** The scans were taken out of the buffer. */
  taken(): void
  /** Asks the device what is wrong, where that is due. @param at - time of the arrival, ms */
  ask(at: number): void
}
