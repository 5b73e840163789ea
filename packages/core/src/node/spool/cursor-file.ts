import { join } from 'node:path'
import { crc32c } from '../../model/crc-32c.ts'
import type { SpoolFile, SpoolFiles } from './spool-files.ts'

// 0 'MWSC' · 4 CRC-32C of what follows · 8 number (float64) · 16 bytes of text · 20 text, zeros up to a multiple of 4096.
const MARK = 0x4353574d
const HEAD = 20
const BLOCK = 4096

interface Slot {
  readonly number: number
  readonly text: string
}

/**
 * A small text beside the log, in two files that are written in turns, in place: saving it needs no new room, so a reader can
 * release something also while the disk is full, and whatever happens one of the two is whole.
 *
 * @internal
 */
export class CursorFile {
  readonly #files: SpoolFiles
  readonly #folder: string
  readonly #open: (SpoolFile | undefined)[] = []
  #newest: Slot | undefined
  #saving: Promise<void> = Promise.resolve()

  private constructor(files: SpoolFiles, folder: string, newest: Slot | undefined) {
    this.#files = files
    this.#folder = folder
    this.#newest = newest
  }

  static async read(files: SpoolFiles, folder: string): Promise<CursorFile> {
    const slots = await Promise.all([0, 1].map(async (i) => slotIn(await files.load(pathOf(folder, i)))))
    const [first, second] = slots
    const newest = (first?.number ?? -1) > (second?.number ?? -1) ? first : second
    return new CursorFile(files, folder, newest)
  }

  get text(): string | undefined {
    return this.#newest?.text
  }

  /** Resolves when the text would survive a power cut. */
  save(text: string): Promise<void> {
    const saved = this.#saving.then(() => this.#save(text))
    this.#saving = saved.catch(() => {})
    return saved
  }

  async #save(text: string): Promise<void> {
    const number = (this.#newest?.number ?? 0) + 1
    const bytes = bytesOf({ number, text })
    const isFirst = this.#newest === undefined
    await this.#write(number % 2, bytes)
    if (isFirst) {
      await this.#write((number + 1) % 2, bytes) // so that there is room for both from now on
      await this.#files.syncFolder(this.#folder)
    }
    this.#newest = { number, text }
  }

  async #write(i: number, bytes: Uint8Array): Promise<void> {
    const file = this.#open[i] ?? (await this.#files.open(pathOf(this.#folder, i), 'write'))
    this.#open[i] = file
    await file.write(bytes, 0)
    await file.sync()
  }

  async close(): Promise<void> {
    await this.#saving
    for (const file of this.#open.splice(0)) await file?.close().catch(() => {})
  }
}

function pathOf(folder: string, i: number): string {
  return join(folder, `cursor-${i}`)
}

function bytesOf({ number, text }: Slot): Uint8Array {
  const encoded = new TextEncoder().encode(text)
  const bytes = new Uint8Array(Math.ceil((HEAD + encoded.length) / BLOCK) * BLOCK)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MARK, true)
  view.setFloat64(8, number, true)
  view.setUint32(16, encoded.length, true)
  bytes.set(encoded, HEAD)
  view.setUint32(4, crc32c(bytes.subarray(8, HEAD + encoded.length)), true)
  return bytes
}

function slotIn(bytes: Uint8Array | undefined): Slot | undefined {
  if (!bytes || bytes.length < HEAD) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const end = HEAD + view.getUint32(16, true)
  if (view.getUint32(0, true) !== MARK || end > bytes.length) return undefined
  if (view.getUint32(4, true) !== crc32c(bytes.subarray(8, end))) return undefined
  return { number: view.getFloat64(8, true), text: new TextDecoder().decode(bytes.subarray(HEAD, end)) }
}
