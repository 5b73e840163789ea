import type { FrameLayout } from '../frame-layout.ts'
import { encodeMeasured } from '../measured.ts'
import { encodeResponseFrame } from '../request.ts'
import type { Random } from './random.ts'

/** Bytes as they arrive, and where in them the frames lie that were sent and arrived whole. @internal */
export interface MutatedStream {
  readonly bytes: Uint8Array
  readonly intact: Map<number, Uint8Array>
  /** All that were sent. */
  readonly sent: readonly Uint8Array[]
  /** Frames that were damaged on the way. */
  readonly damaged: number
}

const COMMON = [0xaa, 0x85, 0x10, 0x17, 0x37, 0x50, 0x5f, 0x70, 0x7f, 0x90, 0xb0, 0x00]

/** Frames and responses, some of them damaged, cut, doubled, or with noise between them. @internal */
export function mutatedStream(random: Random, layout: FrameLayout, frames: number, damage: number): MutatedStream {
  const parts: number[] = []
  const intact = new Map<number, Uint8Array>()
  const all: Uint8Array[] = []
  let damaged = 0
  for (let i = 0; i < frames; i += 1) {
    const frame = sent(random, layout)
    all.push(frame)
    for (let copies = random.chance(damage / 4) ? 2 : 1; copies > 0; copies -= 1) {
      const hurt = random.chance(damage)
      if (hurt) damaged += 1
      else intact.set(parts.length, frame)
      for (const byte of hurt ? mutated(random, frame) : frame) parts.push(byte)
    }
    if (random.chance(damage / 2)) noise(random, parts)
  }
  return { bytes: Uint8Array.from(parts), intact, sent: all, damaged }
}

/** Nothing but noise, with many bytes that mean something. @internal */
export function noiseStream(random: Random, length: number): MutatedStream {
  const parts: number[] = []
  while (parts.length < length) noise(random, parts)
  return { bytes: Uint8Array.from(parts), intact: new Map(), sent: [], damaged: 0 }
}

function sent(random: Random, layout: FrameLayout): Uint8Array {
  if (random.chance(0.08)) {
    const data = random.fill(new Uint8Array(random.chance(0.1) ? 15 + random.below(60) : random.below(15)))
    return encodeResponseFrame(data.length > 0 ? random.below(2) : random.below(256), data, random.chance(0.5))
  }
  const values = new Float64Array(layout.objects)
  for (let c = 0; c < values.length; c += 1) values[c] = random.next() / 0x8000_0000 - 1
  return encodeMeasured(values, layout, 'offset', random.below(4))
}

function mutated(random: Random, frame: Uint8Array): number[] {
  const bytes = [...frame]
  const at = random.below(bytes.length)
  const kind = random.below(6)
  if (kind === 0) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
  else if (kind === 1) bytes.splice(at, 1 + random.below(3))
  else if (kind === 2) bytes.splice(at, 0, aByte(random))
  else if (kind === 3) bytes.length = at
  else if (kind === 4) bytes.splice(0, at + 1)
  else for (let i = 0; i < 4; i += 1) bytes[random.below(bytes.length)] = aByte(random)
  return bytes
}

function noise(random: Random, parts: number[]): void {
  for (let i = random.below(60); i > 0; i -= 1) parts.push(aByte(random))
}

function aByte(random: Random): number {
  return random.chance(0.5) ? (COMMON[random.below(COMMON.length)] as number) : random.below(256)
}
