import { join } from 'node:path'
import { crc32c } from '../../model/crc-32c.ts'
import type { SpoolFiles } from './spool-files.ts'

/** What `dropOldest` or `age` took away before the first segment, until it would have been released. @internal */
export interface Dropped {
  /** Positions of the batches that are gone. */
  readonly from: number
  readonly to: number
  /** Scans by stream id. */
  readonly scans: Readonly<Record<string, number>>
  /** Whether more than these may be gone: a table is damaged. */
  readonly isUnknown?: boolean
}

const DROPPED = 'dropped.json'

/** @internal */
export async function readDropped(files: SpoolFiles, folder: string): Promise<Dropped | undefined> {
  const text = await readChecked(files, join(folder, DROPPED))
  return text === undefined ? undefined : (JSON.parse(text) as Dropped)
}

/** @internal */
export function saveDropped(files: SpoolFiles, folder: string, dropped: Dropped): Promise<void> {
  return files.replace(join(folder, DROPPED), checked(JSON.stringify(dropped)))
}

const encoder = new TextEncoder()

function checked(text: string): Uint8Array {
  return encoder.encode(`${text}\n${crc32c(encoder.encode(text))}\n`)
}

async function readChecked(files: SpoolFiles, path: string): Promise<string | undefined> {
  const bytes = await files.load(path)
  if (!bytes) return undefined
  const [text = '', crc] = new TextDecoder().decode(bytes).split('\n')
  return crc === String(crc32c(encoder.encode(text))) ? text : undefined
}
