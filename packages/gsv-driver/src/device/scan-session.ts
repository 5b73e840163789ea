import type { ScanBuffer } from '../codec/index.ts'

/** What decodes measured frames, of whatever protocol. @internal */
export interface ScanParser {
  /** Where scans are decoded to. */
  readonly scans: ScanBuffer
  /** Scans decoded so far. */
  readonly decoded: number
  /** Bytes that wait for the rest of their frame. */
  readonly pending: number
  push(bytes: Uint8Array): void
  /** What waits for the rest of its frame will not get it. */
  idle(): void
}

/** What a reading needs of a session, of whatever protocol. @internal */
export interface ScanSession {
  readonly url: string
  readonly parser: ScanParser
  /** Whether the transmission was started, and not stopped again. */
  readonly transmitting: boolean
  /** Holds the link back, where that loses nothing. */
  pause(): void
  resume(): void
  /** Nothing more comes, or not for long: what waits for the rest of its frame will not get it. */
  giveUpWaiting(): void
}
