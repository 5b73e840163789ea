import type { Checkpoint, CheckpointClaim, CheckpointStore } from '../model/checkpoint.ts'
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
export function memoryCheckpoints(): MemoryCheckpoints {
  return new Memory()
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
