// Your operator: a smoothed channel, made in extending/smooth.ts. It is stopped in the middle and started again, and gives the
// same bits as one that was not.
import { type Block, column, type Operator, pipeline, type Source, sliceBlock } from '@messwerk/core'
import { blockOf } from '@messwerk/core/model'
import { memoryCheckpoints, recordingSink } from '@messwerk/core/testing'
import { smooth } from './extending/smooth.ts'

const pressure = Array.from({ length: 100 }, (_, i) => 3.1 + 0.1 * Math.sin(i) + (i > 60 ? 1 : 0))
const recording = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure })

/** One scan a batch, from any position; `until` the first run is stopped. */
function source(until = 99): Source<'pressure'> {
  return {
    id: 'recording',
    replay: 'position',
    async *read({ from, signal }) {
      for (let i = (from.recording ?? -1) + 1; i <= until; i += 1) {
        const origin = { split: 'recording', position: i }
        yield { split: 'recording', position: i, blocks: [{ ...sliceBlock(recording, i, i + 1), origin }] }
      }
      if (until < 99) await new Promise((stop) => signal.addEventListener('abort', stop))
    }
  }
}

const store = memoryCheckpoints()
const rows = recordingSink<Block<'pressure.smooth'>>()
const operator = (): Operator<'pressure', 'pressure.smooth'> => smooth({ channel: 'pressure', half: '2s' })

const first = pipeline('pump').from(source(70)).pipe(operator()).to(rows).start({ checkpoint: { store } })
while (first.metrics.scans < 71) await new Promise((resolve) => setTimeout(resolve, 5))
await first.stop()
console.log(`stopped after ${rows.items.length} scans, checkpoint ${store.saved('pump').at(-1)?.number} saved`)

await pipeline('pump').from(source()).pipe(operator()).to(rows).start({ checkpoint: { store } }).done
const whole = operator().kernel(recording.stream).process(recording) as Block<'pressure.smooth'>
const isSame = rows.items.every(
  (block, i) => column(block, 'pressure.smooth')[0] === column(whole, 'pressure.smooth')[i]
)
console.log(`${rows.items.length} scans in all, the same as without a stop: ${isSame}`)
