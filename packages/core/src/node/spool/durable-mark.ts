import { join } from 'node:path'
import { crc32c } from '../../model/crc-32c.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'

const NAME = 'durable'

/** 0 when there is none or it was torn. @internal */
export async function readMark(files: SpoolFiles, folder: string): Promise<number> {
  const bytes = await files.load(join(folder, NAME))
  if (!bytes || bytes.length < 12) return 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return view.getUint32(8, true) === crc32c(bytes.subarray(0, 8)) ? view.getFloat64(0, true) : 0
}

/**
 * The last position that was said to be durable, so that the next process notices when records are gone at the end. It is
 * not synced, since the records are, and one that cannot be written is left: the next one says more.
 *
 * @internal
 */
export class DurableMark {
  readonly #files: SpoolFiles
  readonly #folder: string
  #file: SpoolFile | undefined

  constructor(files: SpoolFiles, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  async set(position: number): Promise<void> {
    try {
      this.#file ??= await this.#files.open(join(this.#folder, NAME), 'write')
      await this.#file.write(markBytes(position), 0)
    } catch {
      await this.close()
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    await file?.close().catch(() => {})
  }
}

function markBytes(position: number): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, position, true)
  view.setUint32(8, crc32c(bytes.subarray(0, 8)), true)
  return bytes
}
