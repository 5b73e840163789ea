import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CursorFile } from './cursor-file.ts'
import { readMark } from './durable-mark.ts'
import { inspectSpool } from './inspect-spool.ts'
import { segmentsAmong } from './segment-name.ts'
import { nodeFiles } from './spool-files.ts'

/** What lies in the folder of a spool, as far as it is known without opening it. @internal */
export interface HeldSpool {
  readonly path: string
  /** Positions of the first record that is held and of the last. */
  readonly first: number
  readonly last: number
  readonly cursor: string | undefined
}

/** The spools in a directory with records, without those in these folders. @internal */
export async function heldSpoolsIn(directory: string, known: readonly string[]): Promise<HeldSpool[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('spool-'))
  const others = new Set(known.map((path) => resolve(path)))
  const held: HeldSpool[] = []
  for (const path of folders.map(({ name }) => join(directory, name)).sort()) {
    const spool = others.has(resolve(path)) ? undefined : await heldSpool(path)
    if (spool) held.push(spool)
  }
  return held
}

/** Undefined for a folder without records. */
async function heldSpool(path: string): Promise<HeldSpool | undefined> {
  const [first] = segmentsAmong(await nodeFiles.list(path))
  if (first === undefined) return undefined
  const { text: cursor } = await CursorFile.read(nodeFiles, path)
  const mark = await readMark(nodeFiles, path)
  if (mark > 0) return { path, first, last: mark, cursor }
  const reports = await inspectSpool(nodeFiles, path)
  return { path, first, last: Math.max(0, ...reports.map(({ last }) => last ?? 0)), cursor }
}
