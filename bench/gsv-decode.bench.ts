// What the GSV parser decodes: 8 channels, as columns, in chunks as a socket or a serial port hands them over; beside
// copying the same bytes, and beside the manufacturer's parser for Python (`--gsv86lib` installs that once). By the clock,
// so on an idle machine; `max` of a row is the best of ten.
import { type DataType, encodeMeasured, type FrameLayout, GsvParser } from '@messwerk/gsv-driver/codec'
import { gsv86lib } from './fixtures/gsv86lib.ts'
import { bench, type Contender, type VersusCase } from './harness.ts'

const BYTES = 8 * 1024 * 1024

/** Frames of a slow wave, one behind the other. */
function recording(layout: FrameLayout, size = BYTES): { readonly bytes: Uint8Array; readonly frames: number } {
  const first = encodeMeasured(wave(0, layout), layout)
  const frames = Math.floor(size / first.length)
  const bytes = new Uint8Array(frames * first.length)
  for (let i = 0; i < frames; i += 1) bytes.set(encodeMeasured(wave(i, layout), layout), i * first.length)
  return { bytes, frames }
}

function wave(i: number, { objects }: FrameLayout): number[] {
  return Array.from({ length: objects }, (_, c) => Math.sin(i * 0.01 + c))
}

function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}

/** Decodes a recording once, chunk by chunk; counts the scans and skips, so that nothing can go missing unseen. */
function decoding(chunks: readonly Uint8Array[], frames: number): () => void {
  return () => {
    let sum = 0
    const full = (scans: { readonly values: Float64Array }): void => {
      sum += scans.values[0] as number
    }
    const parser = new GsvParser({ full, response() {}, skipped() {} })
    for (const chunk of chunks) parser.push(chunk)
    if (parser.decoded !== frames || !Number.isFinite(sum))
      throw new Error(`decoded ${parser.decoded} of ${frames} frames`)
  }
}

/** Copies it, chunk by chunk: less than this cannot be done with bytes. */
function copying(chunks: readonly Uint8Array[]): () => void {
  const target = new Uint8Array(65_536)
  return () => {
    for (const chunk of chunks) target.set(chunk)
  }
}

function timedWhole(work: number, act: () => void): Contender {
  return () => {
    act()
    return { work }
  }
}

function besideCopy(dataType: DataType, crc: boolean, chunkBytes: number): VersusCase {
  const { bytes, frames } = recording({ objects: 8, dataType, crc })
  const chunks = inChunks(bytes, chunkBytes)
  const work = bytes.length / 1e6
  const decode = decoding(chunks, frames)
  const copy = copying(chunks)
  return {
    unit: 'MB/s',
    better: 'higher',
    ours: timedWhole(work, decode),
    peer: timedWhole(work, copy),
    peerName: 'memcpy'
  }
}

/** A megabyte, since a hundred times slower; both must find the same frames and end with the same values. */
function besideManufacturer(): VersusCase | undefined {
  const layout = { objects: 8, dataType: 'float32', crc: false } as const
  const { bytes, frames } = recording(layout, 1e6)
  const theirs = gsv86lib(bytes, 65_536)
  if (!theirs) return undefined
  const chunks = inChunks(bytes, 65_536)
  const work = bytes.length / 1e6
  const ours: Contender = () => {
    const parser = new GsvParser({ full() {}, response() {}, skipped() {} }, { layout, capacity: frames + 1 })
    for (const chunk of chunks) parser.push(chunk)
    const { values, capacity, length } = parser.scans
    const last = Array.from({ length: layout.objects }, (_, c) => values[c * capacity + length - 1])
    return { work, result: { frames: parser.decoded, last } }
  }
  const peer = (): ReturnType<Contender> => {
    const { seconds, frames, last } = theirs()
    return { work, seconds, result: { frames, last } }
  }
  return { unit: 'MB/s', better: 'higher', ours, peer, peerName: 'gsv86lib' }
}

await bench('gsv-decode', async ({ versus }) => {
  await versus('float32-64k', besideCopy('float32', false, 65_536))
  await versus('int24-64k', besideCopy('int24', false, 65_536))
  await versus('int16-64k', besideCopy('int16', false, 65_536))
  await versus('float32-64b', besideCopy('float32', false, 64))
  await versus('float32-crc-64k', besideCopy('float32', true, 65_536))
  const manufacturer = besideManufacturer()
  if (manufacturer) await versus('float32-64k-python', manufacturer)
})
