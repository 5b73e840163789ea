import type { SpoolBehind } from '../delivery/spool-behind.ts'
import { SpoolRanges } from '../delivery/spool-ranges.ts'
import type { CheckpointStore } from '../model/checkpoint.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import { MissingDependencyError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import type { Spool } from '../model/spool.ts'
import { spoolLimits } from '../model/spool-bounds.ts'
import type { Scheduler } from '../time/scheduler.ts'

interface HeldSpool {
  readonly path: string
  readonly first: number
  readonly last: number
  readonly cursor: string | undefined
}

/** What a directory of a run gives, loaded when it is first needed: the rest of the core runs where there are no files. */
interface StateDirectory {
  readonly checkpoints: CheckpointStore
  readonly deadLetters: Sink<DeadLetter>
  spoolPath(id: string): string
  heldSpools(known: readonly string[]): Promise<readonly HeldSpool[]>
}

/** @internal */
export class Directory {
  readonly #path: string
  #loaded: Promise<StateDirectory> | undefined

  constructor(path: string) {
    this.#path = path
  }

  get checkpoints(): CheckpointStore {
    const store = async (): Promise<CheckpointStore> => (await this.#load()).checkpoints
    return {
      latest: async (pipeline) => (await store()).latest?.(pipeline),
      claim: async (pipeline) => (await store()).claim(pipeline)
    }
  }

  get deadLetters(): Sink<DeadLetter> {
    const sink = async (): Promise<Sink<DeadLetter>> => (await this.#load()).deadLetters
    return {
      id: 'dead letters',
      open: async (signal) => (await sink()).open?.(signal),
      write: async (letters, signal) => (await sink()).write(letters, signal),
      close: async () => this.#loaded && (await sink()).close?.()
    }
  }

  /** Where the spool behind a sink lies. */
  async spoolPath(id: string): Promise<string> {
    return (await this.#load()).spoolPath(id)
  }

  /**
   * Spools in the directory that belong to none of these sinks and hold what was never written: a sentence for each.
   *
   * @param sinks - the spooled sinks; `path` where the folder is not the directory's own
   */
  async orphans(sinks: readonly { readonly id: string; readonly path?: string | undefined }[]): Promise<string[]> {
    const state = await this.#load()
    const held = await state.heldSpools(sinks.map(({ id, path }) => path ?? state.spoolPath(id)))
    return held.flatMap(({ path, first, last, cursor }) => {
      const count = SpoolRanges.parse(cursor, first).unwritten(first, last)
      return count > 0 ? orphanText(path, count) : []
    })
  }

  #load(): Promise<StateDirectory> {
    this.#loaded ??= loadNode().then(({ stateDirectory }) => stateDirectory(this.#path))
    return this.#loaded
  }
}

function orphanText(folder: string, count: number): string {
  const advice = `give it to the sink that it is for: to(sink, { delivery: 'spooled', spool: { path: '${folder}' } })`
  return `${folder} holds ${count} records that were never written, and no sink of this pipeline has it: ${advice}, or remove it`
}

/**
 * What opens the spool behind a sink: in its own folder, or in one of the directory's.
 *
 * @throws TypeError, RangeError naming option, rule and value
 * @internal
 */
export function spoolBehind(
  id: string,
  { path, backfill: _, ...bounds }: SpoolBehind,
  directory: Directory | undefined,
  scheduler: Scheduler
): () => Promise<Spool> {
  spoolLimits(bounds, `${id}: spool.`)
  if (path !== undefined && (typeof path !== 'string' || path === '')) {
    throw new TypeError(`${id}: spool.path must be the path of a folder, got ${JSON.stringify(path)}`)
  }
  if (path === undefined && !directory) {
    throw new RangeError(`${id}: delivery 'spooled' needs a folder: give start({ directory }) or spool.path`)
  }
  return async () => {
    const { fileSpool } = await loadNode()
    return fileSpool(Object.assign({ path: path ?? (await (directory as Directory).spoolPath(id)), scheduler }, bounds))
  }
}

/** How old new data may be on disk: a second, or what two syncs take. Unit: ms. @internal */
export function lagOf({ fsync }: SpoolBehind): number {
  const { fsyncMs } = spoolLimits({ fsync }, '')
  return Math.max(1000, 2 * fsyncMs)
}

/** A browser gets an empty module in its place: see `browser` in the package's manifest. */
async function loadNode(): Promise<typeof import('../node/index.ts')> {
  const node = await import('../node/index.ts')
  if ('stateDirectory' in node) return node
  throw new MissingDependencyError('node:fs', "start({ directory }) and delivery: 'spooled'")
}
