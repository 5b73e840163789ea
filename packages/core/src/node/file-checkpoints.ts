import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint, CheckpointClaim, CheckpointStore } from '../model/checkpoint.ts'
import { StorageError } from '../model/errors.ts'
import { encodeCheckpoint } from './checkpoint-format.ts'
import { writeWhole } from './durable-file.ts'
import { checkpointName, type Damaged, findCheckpoints } from './find-checkpoints.ts'
import { beginGeneration, completeGeneration, refuseFenced } from './generations.ts'
import { storageError } from './storage-error.ts'

/**
 * Options of {@link fileCheckpoints}.
 *
 * @example
 * ```ts
 * import type { FileCheckpointsOptions } from '@messwerk/core/node'
 *
 * const options: FileCheckpointsOptions = { path: 'state/checkpoints' }
 * options.path // => 'state/checkpoints'
 * ```
 */
export interface FileCheckpointsOptions {
  /** A folder of one pipeline, on a local disk; made when it does not exist. */
  readonly path: string
}

/**
 * A claim on checkpoints in files.
 *
 * @example
 * ```ts
 * import { fileCheckpoints, type FileCheckpointClaim } from '@messwerk/core/node'
 *
 * const claim: FileCheckpointClaim = await fileCheckpoints({ path: 'claimed' }).claim('press-3')
 * claim.skipped // => []
 * ```
 */
export interface FileCheckpointClaim extends CheckpointClaim {
  /** Why newer checkpoints than `latest` were passed over: `... is damaged or cut short`. For the log. */
  readonly skipped: readonly string[]
}

/**
 * A checkpoint store in files.
 *
 * @example
 * ```ts
 * import { fileCheckpoints, type FileCheckpoints } from '@messwerk/core/node'
 *
 * const store: FileCheckpoints = fileCheckpoints({ path: 'empty' })
 * const { latest } = await store.claim('press-3')
 * latest // => undefined
 * ```
 */
export interface FileCheckpoints extends CheckpointStore {
  claim(pipeline: string): Promise<FileCheckpointClaim>
  latest(pipeline: string): Promise<Checkpoint | undefined>
}

/**
 * Checkpoints in a folder, one file each, of which the last two are kept.
 *
 * A save resolves when its file and the folder are on disk; a crash or a power cut at any moment leaves the one before. A
 * checksum (CRC-32C) covers all of it: where the newest is damaged, the one before is used. A later claim, in this process
 * or another, fences an earlier one: its saves reject with FencedError and are never read, except the one that was just
 * being written, which the later claim may have found and begun with.
 *
 * @throws TypeError for a path that is none. `claim` throws StorageError when the folder holds another pipeline's
 * checkpoints, when none of them is whole, and when it cannot be read; SnapshotIncompatibleError when the newest is of a
 * newer format; FencedError when another claims at the same moment. `save` throws FencedError; StorageError (a full disk is
 * retryable, and the checkpoint before stays); TypeError for a state that is not plain.
 *
 * @example
 * ```ts
 * import { fileCheckpoints } from '@messwerk/core/node'
 *
 * const store = fileCheckpoints({ path: 'checkpoints' })
 * const claim = await store.claim('press-3')
 * await claim.save({ number: 1, takenAt: Date.now(), steps: ['0 rms'], splits: [] })
 * const next = await store.claim('press-3')
 * next.latest?.steps // => ['0 rms']
 * ```
 */
export function fileCheckpoints({ path }: FileCheckpointsOptions): FileCheckpoints {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `fileCheckpoints: path must be the path of a folder, got ${JSON.stringify(path) ?? String(path)}`
    )
  }
  return { claim: (pipeline) => claimFolder(path, pipeline), latest: (pipeline) => latestOf(path, pipeline) }
}

async function latestOf(path: string, pipeline: string): Promise<Checkpoint | undefined> {
  try {
    await mkdir(path, { recursive: true })
    return (await findCheckpoints(path, pipeline)).whole[0]?.checkpoint
  } catch (error) {
    throw storageError(path, error)
  }
}

async function claimFolder(path: string, pipeline: string): Promise<FileCheckpointClaim> {
  let generation: number | undefined
  try {
    await mkdir(path, { recursive: true })
    // What cannot be taken over is found out before anyone is fenced.
    await findCheckpoints(path, pipeline)
    generation = await beginGeneration(path)
    const { whole, damaged, leftover } = await findCheckpoints(path, pipeline)
    for (const name of leftover) await rm(join(path, name), { force: true })
    const kept = whole.map(({ name }) => name)
    await completeGeneration(path, { generation, pipeline, kept })
    return new FileClaim({ path, pipeline, generation }, whole[0]?.checkpoint, kept, damaged)
  } catch (error) {
    if (generation !== undefined) await refuseFenced(path, generation)
    throw storageError(path, error)
  }
}

interface Holder {
  readonly path: string
  readonly pipeline: string
  readonly generation: number
}

class FileClaim implements FileCheckpointClaim {
  readonly generation: number
  readonly latest: Checkpoint | undefined
  readonly skipped: readonly string[]
  readonly #holder: Holder
  /** Names, the newest first. */
  #kept: readonly string[]
  #stale: readonly string[]
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(holder: Holder, latest: Checkpoint | undefined, kept: readonly string[], damaged: readonly Damaged[]) {
    this.generation = holder.generation
    this.latest = latest
    this.skipped = damaged.map(({ why }) => why)
    this.#holder = holder
    this.#kept = kept
    this.#stale = damaged.map(({ name }) => name)
  }

  async save(checkpoint: Checkpoint): Promise<number> {
    const { path, pipeline, generation } = this.#holder
    if (this.#isClosed) throw new StorageError(path, 'this claim on the checkpoints is closed', false)
    const bytes = encodeCheckpoint({ pipeline, generation, checkpoint })
    const saved = this.#turn.then(() => this.#write(checkpointName(generation, checkpoint.number), bytes))
    this.#turn = saved.catch(() => {})
    await saved
    return bytes.length
  }

  async check(): Promise<void> {
    const { path, generation } = this.#holder
    try {
      await refuseFenced(path, generation)
    } catch (error) {
      throw storageError(path, error)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turn
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const { path, generation } = this.#holder
    try {
      await refuseFenced(path, generation)
      await writeWhole(join(path, name), bytes)
    } catch (error) {
      await refuseFenced(path, generation)
      throw storageError(path, error)
    }
    // A claim that began in between may not have seen this file: what it did not see does not count.
    await refuseFenced(path, generation)
    await this.#keep(name)
  }

  /** Removes all but the last two. What cannot be removed now costs room only. */
  async #keep(name: string): Promise<void> {
    const others = this.#kept.filter((other) => other !== name)
    const stale = others.slice(1).concat(this.#stale)
    this.#kept = [name, ...others.slice(0, 1)]
    this.#stale = []
    for (const old of stale) await rm(join(this.#holder.path, old), { force: true }).catch(() => {})
  }
}
