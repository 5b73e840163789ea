import { type Block, blockOf } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { BlockQueue } from './block-queue.ts'

const block = (length: number, gap?: Block['gap']): Block => ({
  ...blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: Array.from({ length }, () => 1) }),
  gap
})

describe('BlockQueue', () => {
  it('hands blocks over in batches with the position of the last', async () => {
    const queue = new BlockQueue('s', 1e6)
    for (let i = 0; i < 20; i += 1) queue.push(block(i + 1))
    queue.end(undefined, undefined, 19)
    expect((await queue.next())?.blocks).toHaveLength(16)
    expect(queue.bytes).toBeGreaterThan(0)
    expect(await queue.next()).toMatchObject({ split: 's', position: 19 })
    expect(queue.bytes).toBe(0)
    expect(await queue.next()).toBeUndefined()
  })

  it('adds what does not fit to the gap of the next that does', async () => {
    const queue = new BlockQueue('s', 1000)
    queue.push(block(10))
    queue.push(block(100))
    queue.push(block(100, { scans: 5, cause: 'lost' }))
    await queue.next()
    queue.push(block(1, { scans: 2, cause: 'lost' }))
    expect((await queue.next())?.blocks[0]?.gap).toEqual({ scans: 207, cause: 'lost' })
  })

  it('says as a notice what was dropped last', async () => {
    const queue = new BlockQueue('s', 1000)
    queue.push(block(10))
    queue.push(block(100))
    queue.end(undefined, undefined, 19)
    await queue.next()
    expect((await queue.next())?.events).toMatchObject([
      { kind: 'notice', rule: 'gap', data: { scans: 100, cause: 'overflow' } }
    ])
    expect(await queue.next()).toBeUndefined()
  })

  it('says as a notice what is missing behind the last block', async () => {
    const queue = new BlockQueue('s', 1000)
    queue.push(block(10))
    queue.end(undefined, { scans: 3, cause: 'resync' }, 12)
    await queue.next()
    const last = await queue.next()
    expect(last).toMatchObject({
      position: 12,
      blocks: [],
      events: [{ rule: 'gap', data: { scans: 3, cause: 'resync' } }]
    })
  })

  it('throws the error of its end after the blocks', async () => {
    const queue = new BlockQueue('s', 1000)
    queue.push(block(1))
    queue.end(new Error('gone'), undefined, 0)
    await queue.next()
    await expect(queue.next()).rejects.toThrow('gone')
  })
})
