import { type Block, blockOf, sliceBlock } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { databaseFile, rowsOf, sinkOn } from './fixtures/database-file.ts'

const START = 1_700_000_000_000
const whole = blockOf({ stream: 'pump-1', channels: { x: '1' }, rate: 1000, start: START }, { x: [1, 2, 3, 4] })

/** As a session has it: a position for the whole block, another one at each delivery. */
function at(position: number, block: Block): Block {
  return Object.assign({}, block, { origin: { split: 'client', position, positions: undefined } })
}

it('holds a scan once, however it was cut and whatever its position was when it came again', async () => {
  const path = databaseFile()
  const sink = sinkOn(path)
  await sink.write([at(7, whole)])
  await sink.write([at(8, sliceBlock(whole, 0, 1)), at(9, sliceBlock(whole, 1, 4))])
  expect(await rowsOf(path, 'SELECT x, position FROM raw ORDER BY time')).toEqual([
    { x: 1, position: '7' },
    { x: 2, position: '7' },
    { x: 3, position: '7' },
    { x: 4, position: '7' }
  ])
})
