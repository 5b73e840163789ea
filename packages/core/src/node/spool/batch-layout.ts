import type { GapCause } from '../../model/gap.ts'
import type { Clock } from '../../model/time-axis.ts'

// A batch: 0 position (float64) · 8 split · 12 blocks · 16 ids · 20 bytes of text · 24 flags · 28 batches right before it
// that were not synced · 32 ids (float64), sequence numbers (float64, two a block), blocks, text (JSON, see toText) and
// payloads. A block, from a multiple of 8: 0 bytes in all · 4 stream · 8 scans ·
// 12 split · 16 scans of the stream before · 24 start (int64) · 32 uncertainty · 40 period · 48 phase · 56 position ·
// 64 scans of the gap · 72 flags · 76 clock (u8) · 77 cause (u8) · 78 zero · 80 a width for each channel, offsets,
// positions · the columns, each aligned to its width · quality. Counts are u32, the rest float64 where not said.
/** @internal */
export const BATCH_HEADER = 32
/** @internal */
export const BLOCK_HEADER = 80
/** @internal */
export const BATCH = { redelivered: 1, fresh: 2, ids: 4, extras: 8, sequences: 16, memo: 32 } as const
/** @internal */
export const BLOCK = { offsets: 1, positions: 2, quality: 4, phase: 8, historical: 16, live: 32, gap: 64 } as const
/** @internal */
export const CLOCKS: readonly Clock[] = ['device', 'source', 'server', 'broker', 'arrival']
/** @internal */
export const CAUSES: readonly GapCause[] = [
  'lost',
  'sequence',
  'resync',
  'overflow',
  'shed',
  'late',
  'reconnect',
  'recording',
  'rejected'
]
