import { from, lastValueFrom, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { asyncOperator, pipeline } from '../index.ts'
import type { Block } from '../model/index.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { batchOf, collecting, listed, scans, valuesOf, withGap } from './fixtures/test-doubles.ts'

/** Counts blocks; holds through holes of up to 5 ms. */
const counter = (concurrency = 1) =>
  asyncOperator({
    id: 'counter',
    onGap: 'hold',
    maxGap: '5ms',
    concurrency,
    kernel(stream) {
      let count = 0
      return {
        output: stream,
        async process({ length, time, quality, gap, origin }) {
          count += 1
          const values = new Float64Array(length).fill(count)
          await Promise.resolve()
          return { stream, length, values, time, quality, gap, origin }
        },
        snapshot: () => count,
        restore: (state) => {
          count = state as number
        }
      }
    }
  })

const blocks = [
  scans(0, [0]),
  withGap(scans(4, [0]), 3), // short: held
  scans(5, [0]),
  withGap(scans(20, [0]), 14), // long: starts anew
  scans(21, [0])
]
const expected = [1, 2, 3, 1, 2]

it.each([1, 3])('an asynchronous operator holds up to maxGap and no longer, %i blocks at once', async (concurrency) => {
  const sink = collecting()
  const run = pipeline('p').from(listed(blocks.map((block) => batchOf(block))))
  await run.pipe(counter(concurrency)).to(sink).start().done
  expect(valuesOf(sink.blocks)).toEqual(expected)
  const out: Block[] = await lastValueFrom(from(blocks).pipe(counter(concurrency), toArray()))
  expect(valuesOf(out)).toEqual(expected)
})

it('and so it does over a restart', async () => {
  const store = memoryCheckpoints()
  const sink = collecting()
  for (const part of [blocks.slice(0, 3), blocks.slice(3)]) {
    const source = listed(part.map((block) => batchOf(block)))
    await pipeline('p').from(source).pipe(counter()).to(sink).start({ checkpoint: { store } }).done
  }
  expect(valuesOf(sink.blocks)).toEqual(expected)
})
