import { CR, type LegacyFrame, LF } from './legacy-layout.ts'

/** Frames in a row after which a beginning is believed even though another one fits too. */
const ENOUGH = 32

/**
 * How many frames lie in a row at `at`; 0 when more bytes are needed to tell, -1 when none does.
 *
 * @param synced - whether a frame ended here, so that one is enough
 * @param final - whether nothing more comes
 * @internal
 */
export function runOf(
  frame: LegacyFrame,
  bytes: Uint8Array,
  at: number,
  end: number,
  synced: boolean,
  final: boolean
): number {
  if (bytes[at] !== frame.mark) return -1
  const there = Math.min(ENOUGH, Math.floor((end - at) / frame.stride))
  const run = lengthOf(frame, bytes, at, there)
  if (synced) return run > 0 ? run : there > 0 ? -1 : 0
  const needed = frame.lines ? 2 : 4
  if (run < there) return run >= needed ? run : -1
  if (final) return run > 0 && (run >= needed || (end - at) % frame.stride === 0) ? run : -1
  return run < needed || (run < ENOUGH && rivals(frame, bytes, at, end)) ? 0 : run
}

/** Frames in a row, at most `most`. */
function lengthOf({ mark, stride, lines }: LegacyFrame, bytes: Uint8Array, at: number, most: number): number {
  let run = 0
  for (let p = at; run < most; run += 1, p += stride) {
    if (bytes[p] !== mark) return run
    if (lines && (bytes[p + stride - 2] !== CR || bytes[p + stride - 1] !== LF)) return run
  }
  return run
}

/** Whether frames could just as well begin at one of the next bytes. */
function rivals(frame: LegacyFrame, bytes: Uint8Array, at: number, end: number): boolean {
  for (let p = at + 1; p < at + frame.stride; p += 1) {
    const there = Math.floor((end - p) / frame.stride)
    if (lengthOf(frame, bytes, p, there) === there) return true
  }
  return false
}
