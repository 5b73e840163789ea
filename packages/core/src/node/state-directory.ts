import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { Sink } from '../model/sink.ts'
import { deadLetterFile } from './dead-letter-file.ts'
import { fileCheckpoints } from './file-checkpoints.ts'
import { type HeldSpool, heldSpoolsIn } from './spool/held-spool.ts'
import { storageError } from './storage-error.ts'

/**
 * What a pipeline keeps on disk.
 *
 * @example
 * ```ts
 * import { stateDirectory, type StateDirectory } from '@messwerk/core/node'
 *
 * const state: StateDirectory = stateDirectory('state')
 * state.deadLetters.id // => 'dead letters state/dead-letters.ndjson'
 * ```
 */
export interface StateDirectory {
  /** In `checkpoints/`. A claim on them makes the directory one process's: it fences whoever had it before. */
  readonly checkpoints: CheckpointStore
  /** In `dead-letters.ndjson`. */
  readonly deadLetters: Sink<DeadLetter>
  /** Folder of the spool behind a sink, `spool-<id>` with all but letters, digits, `.` and `-` replaced. */
  spoolPath(id: string): string
  /** Spools with records that are there beside these folders, whatever sink they belonged to. @internal */
  heldSpools(known: readonly string[]): Promise<HeldSpool[]>
}

/**
 * The directory that a pipeline keeps its checkpoints, dead letters and spools in. Made when it does not exist; one
 * pipeline each, on a local disk.
 *
 * @throws TypeError for a path that is none; StorageError when it cannot be made
 *
 * @example
 * ```ts
 * import { stateDirectory } from '@messwerk/core/node'
 *
 * const state = stateDirectory('state')
 * const claim = await state.checkpoints.claim('press-3')
 * claim.latest // => undefined
 * ```
 */
export function stateDirectory(path: string): StateDirectory {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `stateDirectory: path must be the path of a folder, got ${JSON.stringify(path) ?? String(path)}`
    )
  }
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw storageError(path, error)
  }
  return {
    checkpoints: fileCheckpoints({ path: join(path, 'checkpoints') }),
    deadLetters: deadLetterFile({ path: join(path, 'dead-letters.ndjson') }),
    spoolPath: (id) => join(path, `spool-${encodeURIComponent(id).replace(/[^\w.-]/g, '_')}`),
    heldSpools: (known) => heldSpoolsIn(path, known)
  }
}
