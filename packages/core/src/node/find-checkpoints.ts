import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint } from '../model/checkpoint.ts'
import { DecodeError, StorageError } from '../model/errors.ts'
import { type CheckpointFile, decodeCheckpoint } from './checkpoint-format.ts'
import { completedGeneration, type Generation } from './generations.ts'

/** A checkpoint that cannot be read. @internal */
export interface Damaged {
  readonly name: string
  readonly why: string
}

/** What is in a folder of checkpoints. @internal */
export interface Found {
  /** The newest that are whole, at most two, the newest first. */
  readonly whole: readonly { readonly name: string; readonly checkpoint: Checkpoint }[]
  /** Newer than the last of `whole`. */
  readonly damaged: readonly Damaged[]
  /** Names of what counts no longer: older, of a fenced claim, or of a write that was cut off. */
  readonly leftover: readonly string[]
}

const NAME = /^(\d+)-(\d+)\.checkpoint$/
const KEPT = 2

/** Names a checkpoint file so that no other generation can have the name. @internal */
export function checkpointName(generation: number, number: number): string {
  return `${String(generation).padStart(8, '0')}-${String(number).padStart(12, '0')}.checkpoint`
}

/**
 * @throws StorageError when the folder is another pipeline's or holds damaged checkpoints only; SnapshotIncompatibleError
 * @internal
 */
export async function findCheckpoints(path: string, pipeline: string): Promise<Found> {
  const names = await readdir(path)
  const last = await completedGeneration(path, names)
  if (last) refuseOther(path, last.pipeline, pipeline)
  const { counting, leftover } = sorted(names, last)
  const whole: { name: string; checkpoint: Checkpoint }[] = []
  const damaged: Damaged[] = []
  for (const name of counting) {
    if (whole.length === KEPT) leftover.push(name)
    else {
      const file = await readCheckpoint(path, name, damaged)
      if (!file) continue
      refuseOther(path, file.pipeline, pipeline)
      whole.push({ name, checkpoint: file.checkpoint })
    }
  }
  if (whole.length === 0 && damaged.length > 0) throw noneWhole(path, damaged)
  return { whole, damaged, leftover }
}

/** The checkpoints that count, the newest first, and what is left over. */
function sorted(names: readonly string[], last: Generation | undefined): { counting: string[]; leftover: string[] } {
  const counting: string[] = []
  const leftover = names.filter((name) => name.endsWith('.tmp'))
  for (const name of names.filter((other) => NAME.test(other)).sort(newestFirst)) {
    const counts = !last || placeOf(name)[0] >= last.generation || last.kept.includes(name)
    ;(counts ? counting : leftover).push(name)
  }
  return { counting, leftover }
}

function placeOf(name: string): readonly [generation: number, number: number] {
  const [, generation, number] = NAME.exec(name) ?? []
  return [Number(generation), Number(number)]
}

function newestFirst(a: string, b: string): number {
  const [generationA, numberA] = placeOf(a)
  const [generationB, numberB] = placeOf(b)
  return generationB - generationA || numberB - numberA
}

async function readCheckpoint(path: string, name: string, damaged: Damaged[]): Promise<CheckpointFile | undefined> {
  try {
    return decodeCheckpoint(await readFile(join(path, name)), join(path, name))
  } catch (error) {
    // Removed since the folder was read: its holder has newer ones.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof DecodeError)) throw error
    damaged.push({ name, why: error.message })
    return undefined
  }
}

function refuseOther(path: string, found: string, pipeline: string): void {
  if (found === pipeline) return
  const why = `holds the checkpoints of pipeline '${found}'; give pipeline '${pipeline}' a folder of its own`
  throw new StorageError(path, why, false)
}

function noneWhole(path: string, damaged: readonly Damaged[]): StorageError {
  const why = `no checkpoint is whole; to start afresh, empty the folder (${damaged.map((one) => one.why).join('; ')})`
  return new StorageError(path, why, false)
}
