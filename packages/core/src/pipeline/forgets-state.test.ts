import { expect, it } from 'vitest'
import { asyncOperator, detect, eventOperator, type Log, mean, operator, pipeline, scale, toEvents } from '../index.ts'
import type { Block, Kernel, Stream } from '../model/index.ts'
import { distance } from '../operators/fixtures/distance-detector.ts'
import { memoryCheckpoints, recordingSink } from '../testing/index.ts'
import { collecting, counted, listed } from './fixtures/test-doubles.ts'

const lines: string[] = []
const log: Log = { info: () => {}, warn: (line) => lines.push(line), error: () => {} }

/** Holds the last block back. */
function held(output: Stream): Kernel {
  let last: Block | undefined
  return {
    output,
    process(block) {
      const before = last
      last = block
      return before
    },
    flush: () => last
  }
}

it('an operator whose state no checkpoint has is told of, once', async () => {
  lines.length = 0
  const run = pipeline('p')
    .from(listed(counted(5)))
    .pipe(operator({ id: 'delay', kernel: held }))
    .pipe(
      asyncOperator({
        id: 'remote',
        kernel: (output) => ({ output, process: async (block) => block, restore: () => {} })
      })
    )
    .to(collecting())
    .events(eventOperator({ id: 'bell', kernel: () => ({ process: () => [], flush: () => [] }) }), recordingSink())
    .start({ log, checkpoint: { store: memoryCheckpoints() } })
  await run.checkpoint()
  await run.done
  expect(lines).toEqual(
    ['delay', 'remote', 'bell'].map(
      (id) =>
        `${id}: its kernel has no snapshot, so what it keeps between blocks is gone after a restart, and nothing declares that. Give the kernel snapshot() and restore(); operatorSuite checks them`
    )
  )
})

it('operators without state, and those of the core, are not', async () => {
  lines.length = 0
  await pipeline('p')
    .from(listed(counted(40, 5)))
    .pipe(operator({ id: 'pass', onGap: 'hold', kernel: (output) => ({ output, process: (block) => block }) }))
    .pipe(scale({ channels: { a: { factor: 2 } } }), mean({ window: '5ms' }))
    .pipe(detect(distance(), { learn: { scans: 3 }, threshold: { raise: 1 } }))
    .to(collecting())
    .events(toEvents(), recordingSink())
    .start({ log, checkpoint: { store: memoryCheckpoints() } }).done
  expect(lines).toEqual([])
})
