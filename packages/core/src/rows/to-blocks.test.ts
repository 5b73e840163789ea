import { lastValueFrom, of, toArray } from 'rxjs'
import { expect, it } from 'vitest'
import { pipeline } from '../pipeline/index.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { rows } from './rows.ts'
import { toBlocks } from './to-blocks.ts'

const readings = [
  { at: 1000, t: 20.5 },
  { at: 2000, t: 20.75 }
]
const oven = toBlocks({ stream: 'oven', channels: { t: 'Cel' }, time: (row: { at: number; t: number }) => row.at })
const expected = [
  { time: new Date(1000), t: 20.5 },
  { time: new Date(2000), t: 20.75 }
]

it('turns an Observable of objects into blocks', async () => {
  const blocks = await lastValueFrom(of(...readings).pipe(oven, toArray()))
  expect(blocks.flatMap((block) => rows(block))).toEqual(expected)
})

it('turns an async iterable of objects into a source that a pipeline slows down', async () => {
  let asked = 0
  async function* read(): AsyncGenerator<{ at: number; t: number }> {
    for (const reading of readings) {
      asked += 1
      yield reading
    }
  }
  const sink = recordingSink()
  await pipeline('p').from(oven(read())).to(sink).start().done
  expect(sink.items.flatMap((block) => rows(block as never))).toEqual(expected)
  expect(asked).toBe(2)
})

it('reports a field that is not a number', async () => {
  const wrong = of({ at: 0, t: 'warm' as unknown as number })
  await expect(lastValueFrom(wrong.pipe(oven))).rejects.toThrow("needs a number for channel 't', got warm")
})
