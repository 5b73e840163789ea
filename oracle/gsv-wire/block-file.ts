import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { type Block, defineStream, type Gap, type Stream } from '@messwerk/core/model'

/** Of 8 channels. */
const WIDTH = 8
const names = Array.from({ length: WIDTH }, (_, c) => `c${c + 1}`)

/** A block without its values. */
interface Head {
  /** Of its batch. */
  readonly position: number
  /** Blocks of its batch behind it. */
  readonly left: number
  readonly length: number
  readonly start: string
  readonly period: number
  readonly phase: number
  readonly uncertainty: number
  readonly gap: Gap | undefined
}

/** Blocks that a process was handed, in a file that stands its kill: one write a batch. */
export class BlockFile {
  /** Position of the last batch in it. */
  readonly last: number | undefined
  readonly #file: number

  /** @param path - a batch that was cut off in the middle is removed */
  constructor(path: string) {
    this.#file = openSync(path, 'a')
    let end = 0
    for (const { head, to } of records(path)) {
      if (head.left > 0) continue
      this.last = head.position
      end = to
    }
    truncateSync(path, end)
  }

  write(position: number, blocks: readonly Block[]): void {
    writeSync(this.#file, Buffer.concat(blocks.flatMap((block, i) => parts(position, blocks.length - 1 - i, block))))
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The blocks in a file, in order. */
export function* blocksIn(path: string, rate: number): Generator<Block> {
  const stream: Stream = defineStream({
    id: 'trial',
    channels: names.map((name) => ({ name, unit: '1' })),
    rate
  })
  for (const { head, values } of records(path)) {
    const { length, start, period, phase, uncertainty, gap, position } = head
    const time = { start: BigInt(start), clock: 'device', uncertainty, period, phase } as const
    const origin = { split: 'trial', position, positions: undefined }
    yield { stream, length, values: Float64Array.from(values), time, quality: undefined, gap, origin }
  }
}

function parts(position: number, left: number, { length, values, time, gap }: Block): Buffer[] {
  if (time.offsets) throw new Error('a block with offsets')
  const { start, period, phase = 0, uncertainty } = time
  const text = JSON.stringify({ position, left, length, start: String(start), period, phase, uncertainty, gap })
  // padded: the values behind it are read as they lie there
  const head = Buffer.from(text + ' '.repeat(-text.length & 3))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(head.length)
  return [size, head, Buffer.from(Float32Array.from(values).buffer)]
}

function* records(path: string): Generator<{ head: Head; values: Float32Array; to: number }> {
  const bytes = readFileSync(path)
  for (let at = 0; at + 4 <= bytes.length; ) {
    const from = at + 4 + bytes.readUInt32LE(at)
    if (from > bytes.length) return
    const head = JSON.parse(bytes.toString('utf8', at + 4, from)) as Head
    const to = from + 4 * WIDTH * head.length
    if (to > bytes.length) return
    yield { head, values: new Float32Array(bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to)), to }
    at = to
  }
}
