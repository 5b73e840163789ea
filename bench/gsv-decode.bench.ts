// What the GSV parser decodes: 8 channels, as columns, in chunks as a socket or a serial port hands them over.
import { type DataType, encodeMeasured, type FrameLayout, GsvParser } from '@messwerk/gsv-driver/codec'
import { bench, type Done } from './harness.ts'

const BYTES = 8 * 1024 * 1024

/** Frames of a slow wave, one behind the other. */
function recording(layout: FrameLayout): { readonly bytes: Uint8Array; readonly frames: number } {
  const first = encodeMeasured(wave(0, layout), layout)
  const frames = Math.floor(BYTES / first.length)
  const bytes = new Uint8Array(frames * first.length)
  for (let i = 0; i < frames; i += 1) bytes.set(encodeMeasured(wave(i, layout), layout), i * first.length)
  return { bytes, frames }
}

function wave(i: number, { objects }: FrameLayout): number[] {
  return Array.from({ length: objects }, (_, c) => Math.sin(i * 0.01 + c))
}

/** Decodes a recording once, chunk by chunk; counts the scans and skips, so that nothing can go missing unseen. */
function decoding(dataType: DataType, crc: boolean, chunkBytes: number): () => Done {
  const layout = { objects: 8, dataType, crc }
  const { bytes, frames } = recording(layout)
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  return () => {
    let sum = 0
    const full = (scans: { readonly values: Float64Array }): void => {
      sum += scans.values[0] as number
    }
    const parser = new GsvParser({ full, response() {}, skipped() {} })
    for (const chunk of chunks) parser.push(chunk)
    if (parser.decoded !== frames || !Number.isFinite(sum))
      throw new Error(`decoded ${parser.decoded} of ${frames} frames`)
    return { work: bytes.length / 1e6 }
  }
}

await bench('gsv-decode', async ({ lone }) => {
  const decode = (dataType: DataType, crc: boolean, chunkBytes: number): Parameters<typeof lone>[1] => ({
    unit: 'MB/s',
    better: 'higher',
    ours: decoding(dataType, crc, chunkBytes)
  })
  await lone('float32-64k', decode('float32', false, 65_536))
  await lone('int24-64k', decode('int24', false, 65_536))
  await lone('int16-64k', decode('int16', false, 65_536))
  await lone('float32-64b', decode('float32', false, 64))
  await lone('float32-crc-64k', decode('float32', true, 65_536))
})
