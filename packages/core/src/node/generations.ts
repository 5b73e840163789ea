import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32c } from '../model/crc-32c.ts'
import { FencedError } from '../model/errors.ts'
import { syncFolder, writeWhole } from './durable-file.ts'

/**
 * Who holds a folder of checkpoints. Each claim makes a file named for its generation, which no two claims can make; when
 * it has chosen where to go on, it writes there which files of earlier generations count. Whatever an earlier claim puts
 * into the folder afterwards is not among them.
 *
 * @internal
 */
export interface Generation {
  readonly generation: number
  readonly pipeline: string
  /** Names of the files of earlier generations that count. */
  readonly kept: readonly string[]
}

const NAME = /^(\d+)\.generation$/

/** The highest that was begun; 0 when there is none. */
function newestGeneration(names: readonly string[]): number {
  return generationsOf(names).at(-1) ?? 0
}

/** Begins a generation above all others. @throws FencedError when another began at the same time @internal */
export async function beginGeneration(folder: string): Promise<number> {
  let generation = newestGeneration(await readdir(folder)) + 1
  while (!(await madeFile(join(folder, nameOf(generation))))) generation += 1
  // A number whose file was removed in the meantime may have been made a second time: then there is a newer one.
  await refuseFenced(folder, generation)
  await syncFolder(folder)
  return generation
}

/** @throws FencedError when a later generation was begun @internal */
export async function refuseFenced(folder: string, generation: number): Promise<void> {
  const newest = newestGeneration(await readdir(folder))
  if (newest === generation) return
  throw new FencedError(folder, `generation ${newest} has taken over from generation ${generation}`)
}

/** Writes what counts, and removes the files of earlier generations. @internal */
export async function completeGeneration(folder: string, { generation, pipeline, kept }: Generation): Promise<void> {
  const text = JSON.stringify({ generation, pipeline, kept })
  await writeWhole(join(folder, nameOf(generation)), Buffer.from(`${text}\n${crc32c(Buffer.from(text))}\n`))
  const earlier = generationsOf(await readdir(folder)).filter((other) => other < generation)
  for (const other of earlier) await rm(join(folder, nameOf(other)), { force: true })
}

/** The newest generation that was completed. @internal */
export async function completedGeneration(folder: string, names: readonly string[]): Promise<Generation | undefined> {
  for (const generation of generationsOf(names).reverse()) {
    const text = await readFile(join(folder, nameOf(generation)), 'utf8').catch(missingAsEmpty)
    const [json = '', crc] = text.split('\n')
    if (json !== '' && crc === String(crc32c(Buffer.from(json)))) return JSON.parse(json)
  }
  return undefined
}

function generationsOf(names: readonly string[]): number[] {
  const found = names.flatMap((name) => NAME.exec(name)?.[1] ?? [])
  return found.map(Number).sort((a, b) => a - b)
}

const nameOf = (generation: number): string => `${String(generation).padStart(8, '0')}.generation`

/** Whether it was this call that made the file. */
async function madeFile(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function missingAsEmpty(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
