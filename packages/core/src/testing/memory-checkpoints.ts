import type { Checkpoint, CheckpointClaim, CheckpointStore, TakeListener } from '../model/checkpoint.ts'
import { FencedError } from '../model/errors.ts'
import { toText } from '../model/text.ts'

/**
 * Checkpoints in memory, and what a test may do to them.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, type MemoryCheckpoints } from '@messwerk/core/testing'
 *
 * const store: MemoryCheckpoints = memoryCheckpoints()
 * store.saved('press-3') // => []
 * ```
 */
export interface MemoryCheckpoints extends CheckpointStore {
  /** The checkpoints kept of a pipeline, at most two, the newest last. */
  saved(pipeline: string): readonly Checkpoint[]
  /** Lets the next `times` saves fail; nothing of them is kept. @param times - default 1 */
  failNext(error: Error, times?: number): void
  /** Lets saves wait from now on. The returned function lets them go on. */
  hold(): () => void
  /** Drops the newest checkpoint of a pipeline, as a damaged file would be. */
  damage(pipeline: string): void
}

/**
 * A checkpoint store for tests: fenced and copying as a real one, gone with the process.
 *
 * A state that could not be kept as text is refused here too.
 *
 * @param options - with `shared`, claims stand beside each other and take over one split at a time: `saved` then gives a checkpoint a split
 *
 * @example
 * ```ts
 * import { memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const store = memoryCheckpoints()
 * const first = await store.claim('press-3')
 * await first.save({ number: 1, takenAt: 0, steps: [], splits: [] })
 * const second = await store.claim('press-3')
 * second.latest?.number // => 1
 * const late = first.save({ number: 2, takenAt: 0, steps: [], splits: [] })
 * await late.catch((error) => error.code) // => 'FENCED'
 * ```
 */
export function memoryCheckpoints({ shared = false }: { readonly shared?: boolean } = {}): MemoryCheckpoints {
  return shared ? new SharedMemory() : new Memory()
}

interface Kept {
  generation: number
  checkpoints: Checkpoint[]
}

class Memory implements MemoryCheckpoints {
  readonly #pipelines = new Map<string, Kept>()
  readonly #failures: Error[] = []
  #held: Promise<void> | undefined

  async claim(pipeline: string): Promise<CheckpointClaim> {
    const kept = this.#pipelines.get(pipeline) ?? { generation: 0, checkpoints: [] }
    this.#pipelines.set(pipeline, kept)
    kept.generation += 1
    const { generation } = kept
    const latest = kept.checkpoints.at(-1)
    let turn: Promise<unknown> = Promise.resolve()
    return {
      generation,
      latest: latest && copyOf(latest),
      check: async () => refuseFenced(pipeline, kept, generation),
      save: async (checkpoint) => {
        const bytes = bytesOf(checkpoint)
        const copy = copyOf(checkpoint)
        const saved = turn.then(() => this.#save(pipeline, generation, copy))
        turn = saved.catch(() => {})
        await saved
        return bytes
      },
      close: async () => void (await turn)
    }
  }

  async latest(pipeline: string): Promise<Checkpoint | undefined> {
    const latest = this.saved(pipeline).at(-1)
    return latest && copyOf(latest)
  }

  saved(pipeline: string): readonly Checkpoint[] {
    return this.#pipelines.get(pipeline)?.checkpoints.slice() ?? []
  }

  failNext(error: Error, times = 1): void {
    for (let i = 0; i < times; i += 1) this.#failures.push(error)
  }

  hold(): () => void {
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#held = held
    return () => {
      if (this.#held === held) this.#held = undefined
      release()
    }
  }

  damage(pipeline: string): void {
    this.#pipelines.get(pipeline)?.checkpoints.pop()
  }

  async #save(pipeline: string, generation: number, checkpoint: Checkpoint): Promise<void> {
    await this.#held
    const failure = this.#failures.shift()
    if (failure) throw failure
    const kept = this.#pipelines.get(pipeline) as Kept
    refuseFenced(pipeline, kept, generation)
    kept.checkpoints.push(checkpoint)
    if (kept.checkpoints.length > 2) kept.checkpoints.shift()
  }
}

/** A split as it is kept: who has taken it last, and what was saved of it. */
interface KeptSplit {
  generation: number
  checkpoint: Checkpoint | undefined
}

/** What a claim has to say of its splits, by their keys. */
type Listeners = Map<string, TakeListener>

/** One store for many processes: each takes splits over, and saves those that are still its own. */
class SharedMemory implements MemoryCheckpoints {
  readonly #pipelines = new Map<string, Map<string, KeptSplit>>()
  readonly #failures: Error[] = []
  #claims = 0
  #held: Promise<void> | undefined

  async claim(pipeline: string): Promise<CheckpointClaim> {
    this.#claims += 1
    const generation = this.#claims
    const splits = this.#pipelines.get(pipeline) ?? new Map<string, KeptSplit>()
    this.#pipelines.set(pipeline, splits)
    const listeners: Listeners = new Map()
    return {
      generation,
      latest: undefined,
      take: async (source, split, tell) => {
        await this.#ready()
        const key = JSON.stringify([source, split])
        const kept = splits.get(key) ?? { generation: 0, checkpoint: undefined }
        splits.set(key, kept)
        const isOurs = kept.generation === generation
        kept.generation = generation
        listeners.set(key, tell)
        tell.progress(1)
        return { checkpoint: kept.checkpoint && copyOf(kept.checkpoint), isOurs }
      },
      save: async (checkpoint) => {
        const bytes = bytesOf(checkpoint)
        const { number, takenAt, steps, splits: states } = copyOf(checkpoint)
        await this.#ready()
        for (const state of states) {
          const key = JSON.stringify([state.source, state.split])
          const kept = splits.get(key)
          if (kept?.generation === generation) kept.checkpoint = { number, takenAt, steps, splits: [state] }
          else listeners.get(key)?.fenced()
        }
        return bytes
      }
    }
  }

  saved(pipeline: string): readonly Checkpoint[] {
    return Array.from(this.#pipelines.get(pipeline)?.values() ?? []).flatMap(({ checkpoint }) => checkpoint ?? [])
  }

  failNext(error: Error, times = 1): void {
    for (let i = 0; i < times; i += 1) this.#failures.push(error)
  }

  hold(): () => void {
    let release = (): void => {}
    this.#held = new Promise((resolve) => {
      release = () => {
        this.#held = undefined
        resolve()
      }
    })
    return release
  }

  damage(pipeline: string): void {
    this.#pipelines.delete(pipeline)
  }

  async #ready(): Promise<void> {
    await this.#held
    const failure = this.#failures.shift()
    if (failure) throw failure
  }
}

/** @throws FencedError after a later claim */
function refuseFenced(pipeline: string, kept: Kept, generation: number): void {
  if (kept.generation === generation) return
  const why = `generation ${kept.generation} has taken over from generation ${generation}`
  throw new FencedError(`checkpoints of ${pipeline}`, why)
}

/** Streams are shared, all else is copied. */
function copyOf({ number, takenAt, steps, splits }: Checkpoint): Checkpoint {
  return {
    number,
    takenAt,
    steps: steps.slice(),
    splits: splits.map(({ source, split, at, seen, gaps, lanes }) => ({
      source,
      split,
      at,
      seen: seen?.slice(),
      gaps: gaps?.slice(),
      lanes: lanes.map((lane) => ({
        stream: lane.stream,
        sequence: lane.sequence,
        steps: lane.steps.map(({ step, version, state, stream }) => ({
          step,
          version,
          state: structuredClone(state),
          stream
        }))
      }))
    }))
  }
}

function bytesOf({ number, takenAt, steps, splits }: Checkpoint): number {
  const plain = splits.map(({ source, split, at, seen, gaps, lanes }) => {
    const states = lanes.map((lane) => [lane.stream.id, lane.steps.map(({ step, state }) => [step, state])])
    return [source, split, at, seen, gaps, states]
  })
  return toText([number, takenAt, steps, plain]).length
}
