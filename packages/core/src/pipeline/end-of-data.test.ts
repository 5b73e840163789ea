import { expect, it } from 'vitest'
import { asyncOperator, pipeline, rms } from '../index.ts'
import { type Block, defineStream, type Source } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { collecting, counted, ManualSink, until, valuesOf } from './fixtures/test-doubles.ts'

const stream = defineStream({ id: 'doors', channels: [{ name: 'a', unit: 'V' }] })

/** Scans at these times: the last window is open at the end of the data, and leaves then. */
function irregular(times: readonly number[]): Block<'a'> {
  const offsets = Float64Array.from(times, (ms) => ms * 1e6)
  const origin = { split: 'doors', position: 1 }
  const time = { start: 0n, clock: 'source', uncertainty: 0, offsets } as const
  return { stream, length: times.length, values: Float64Array.from(times), time, origin }
}

function doors(): Source<'a'> {
  return {
    id: 'doors',
    replay: 'position',
    async *read({ from }) {
      if (from.doors === undefined) yield { split: 'doors', position: 1, blocks: [irregular([10, 20, 30])] }
    },
    commit: async () => {}
  }
}

it('an asynchronous operator is waited for when the end of the data gives it something', async () => {
  const slow = asyncOperator({
    id: 'slow',
    kernel: (input) => ({
      output: input,
      process: async (block) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return block
      }
    })
  })
  const sink = collecting()
  const windows = rms({ window: '10ms' }) as never
  await pipeline('p').from(doors()).pipe(windows, slow).to(sink).start().done
  expect(valuesOf(sink.blocks)).toEqual([10, 20, 30])
})

it('a checkpoint that has flushed operators is saved only when what they flushed is durable', async () => {
  const store = memoryCheckpoints()
  const other: Source<'a'> = {
    id: 'other',
    replay: 'position',
    async *read({ signal }) {
      yield* counted(1, 1, 'other')
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
  }
  const sink = new ManualSink()
  const run = pipeline('p')
    .from(doors(), other)
    .pipe(rms({ window: '10ms' }) as never)
    .to(sink, { batch: { items: 1 } })
    .start({ checkpoint: { store, every: '1h' } })
  await until(() => sink.pending.length === 1)
  sink.pending.shift()?.done() // the windows that the data completed
  await until(() => sink.pending.length === 1) // the one that the end of the data completed
  const saved = run.checkpoint()
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(store.saved('p')).toEqual([])
  sink.pending.shift()?.done()
  await saved
  expect(store.saved('p')).toHaveLength(1)
  expect(valuesOf(sink.written)).toEqual([10, 20, 30])
  await run.stop()
})
