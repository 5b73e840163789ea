import type { FrameLayout } from '../frame-layout.ts'
import { GsvParser } from '../gsv-parser.ts'
import type { ScanBuffer } from '../scan-buffer.ts'
import { Log } from './log.ts'
import { type MutatedStream, mutatedStream, noiseStream } from './mutated-stream.ts'
import { Random } from './random.ts'
import { type Found, referenceParse } from './reference-parser.ts'

/** What a fuzz run saw. @internal */
export interface FuzzResult {
  chunks: number
  bytes: number
  /** Frames that were damaged on the way. */
  damaged: number
  /** Frames that the parser reported. */
  reported: number
  /** Of these, measured frames and responses that were not sent as they arrived, though their bytes are a frame. */
  falseMeasured: number
  falseResponses: number
  /** Frames that arrived whole and were not reported, and lie in no false one and behind no unknown layout. */
  missed: number
}

const nothing = (): FuzzResult => ({
  chunks: 0,
  bytes: 0,
  damaged: 0,
  reported: 0,
  falseMeasured: 0,
  falseResponses: 0,
  missed: 0
})

/**
 * Feeds random and mutated streams in random chunks until there were so many of them, and compares what the parser says
 * with a second implementation that sees each stream at once.
 *
 * @throws Error when the two differ, with the seed that shows it
 * @internal
 */
export function fuzz(chunks: number, seed: number, only?: { readonly crc: boolean }): FuzzResult {
  const result = nothing()
  for (let round = 0; result.chunks < chunks; round += 1) {
    const random = new Random(seed + round)
    const layout: FrameLayout = {
      objects: 1 + random.below(16),
      dataType: (['int16', 'int24', 'float32'] as const)[random.below(3)] as FrameLayout['dataType'],
      crc: only?.crc ?? random.chance(0.4)
    }
    const known = random.chance(0.6)
    const stream = random.chance(0.2)
      ? noiseStream(random, 2000)
      : mutatedStream(random, layout, 40, random.chance(0.5) ? 0.03 : 0.4)
    try {
      play(random, stream, known ? layout : undefined, result)
    } catch (cause) {
      throw new Error(`fuzz: seed ${seed + round} fails`, { cause })
    }
  }
  return result
}

const expected = new Log()
const seen = new Log()

function play(random: Random, stream: MutatedStream, layout: FrameLayout | undefined, result: FuzzResult): void {
  expected.clear()
  const found = referenceParse(stream.bytes, layout, expected)
  result.chunks += parsed(random, stream.bytes, layout)
  result.bytes += stream.bytes.length
  const at = seen.differsAt(expected)
  if (at >= 0) throw new Error(`number ${at} of the log is ${seen.numbers[at]}, expected ${expected.numbers[at]}`)
  judge(stream, found, layout !== undefined, result)
}

/** Parses in random chunks; returns how many. */
function parsed(random: Random, bytes: Uint8Array, layout: FrameLayout | undefined): number {
  seen.clear()
  const take = (scans: ScanBuffer): void => {
    for (let i = 0; i < scans.length; i += 1) {
      seen.scan(scans.flags[i] as number, scans.values, i, scans.capacity, scans.objects)
    }
    scans.length = 0
  }
  const parser: GsvParser = new GsvParser(
    {
      full: take,
      response(status, data) {
        take(parser.scans)
        seen.response(status, data)
      },
      skipped(skipped) {
        take(parser.scans)
        seen.skipped(skipped)
      }
    },
    { capacity: 1 + random.below(20) }
  )
  if (layout) parser.expect(layout)
  const most = random.chance(0.1) ? 3000 : 1 + random.below(90)
  let chunks = 0
  for (let at = 0; at < bytes.length; chunks += 1) {
    const size = 1 + random.below(most)
    parser.push(bytes.subarray(at, at + size))
    at += size
  }
  parser.idle()
  take(parser.scans)
  return chunks
}

/** Counts what was reported and not sent, and what was sent and not reported for no reason. */
function judge(stream: MutatedStream, found: readonly Found[], known: boolean, result: FuzzResult): void {
  const reported = new Set<number>()
  const falseEnds: Found[] = []
  for (const frame of found) {
    reported.add(frame.at)
    if (!wasSent(stream, frame)) falseEnds.push(frame)
  }
  result.damaged += stream.damaged
  result.reported += found.length
  for (const { at } of falseEnds) {
    if ((stream.bytes[at + 1] as number) & 0x40) result.falseResponses += 1
    else result.falseMeasured += 1
  }
  if (!known) return
  for (const [at, frame] of stream.intact) {
    if (reported.has(at) || (frame[1] as number) % 32 === 31) continue
    const inside = falseEnds.some((one) => one.at < at + frame.length && at < one.at + one.length)
    if (!inside) result.missed += 1
  }
}

/** Whether a frame like this was sent: a byte inserted before it damages nothing. */
function wasSent({ bytes, intact, sent }: MutatedStream, { at, length }: Found): boolean {
  if (intact.get(at)?.length === length) return true
  return sent.some((frame) => frame.length === length && frame.every((byte, i) => byte === bytes[at + i]))
}
