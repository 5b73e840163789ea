// Sources and sinks that the tests of this folder drive by hand.
import { type Batch, type Block, blockOf, type Positions, type Sink, type Source } from '../model/index.ts'

export function scans(position: number, values: readonly number[], stream = 's'): Block<'a'> {
  const made = blockOf({ stream, channels: { a: 'V' }, rate: 1000, start: position }, { a: values })
  const { length, time } = made
  const origin = { split: 'split', position, positions: undefined }
  return { stream: made.stream, length, values: made.values, time, quality: undefined, gap: undefined, origin }
}

export function withGap(block: Block<'a'>, count: number): Block<'a'> {
  const { stream, length, values, time, origin } = block
  return { stream, length, values, time, quality: undefined, gap: { scans: count, cause: 'lost' }, origin }
}

export function batchOf(block: Block<'a'>, split = 'split'): Batch<'a'> {
  return { split, position: block.origin.position, blocks: [block] }
}

export interface Listed extends Source<'a'> {
  readonly commits: Positions[]
  readonly asked: { count: number }
}

/** A source of these batches, in order; counts how often it was asked and what was committed. */
export function listed(batches: Iterable<Batch<'a'>>, replay: Source['replay'] = 'position'): Listed {
  const commits: Positions[] = []
  const asked = { count: 0 }
  return {
    id: 'listed',
    replay,
    commits,
    asked,
    async *read({ signal }) {
      for (const batch of batches) {
        asked.count += 1
        if (signal.aborted) return
        yield batch
      }
    },
    commit: async (at) => void commits.push(at)
  }
}

export function* counted(count: number, length = 1, stream = 's'): Generator<Batch<'a'>> {
  for (let i = 0; i < count; i += 1) {
    yield batchOf(
      scans(
        i,
        Array.from({ length }, (_, k) => i * length + k),
        stream
      )
    )
  }
}

/** A sink whose writes end when told. */
export class ManualSink implements Sink<Block> {
  readonly id = 'manual'
  readonly written: Block[] = []
  readonly pending: { readonly items: readonly Block[]; done(): void; fail(error: Error): void }[] = []

  write(items: readonly Block[], signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      const done = (): void => {
        this.written.push(...items)
        resolve()
      }
      this.pending.push({ items, done, fail: reject })
    })
  }
}

export function collecting(): Sink<Block> & { readonly blocks: Block[] } {
  const blocks: Block[] = []
  return { id: 'collecting', blocks, write: async (items) => void blocks.push(...items) }
}

export function valuesOf(blocks: readonly Block[]): number[] {
  return blocks.flatMap((block) => Array.from(block.values))
}

export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  for (let i = 0; i < 2000; i += 1) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`${what} did not come true`)
}
