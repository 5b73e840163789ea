import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PushQueue } from './push-queue.ts'

describe('PushQueue', () => {
  it('pauses its peer when half full and resumes it when empty', async () => {
    const calls: string[] = []
    const queue = new PushQueue<number>({
      bytes: 100,
      onFull: () => calls.push('full'),
      onRoom: () => calls.push('room')
    })
    for (let i = 0; i < 8; i += 1) queue.push(i, 10)
    expect(calls).toEqual(['full'])
    const iterator = queue[Symbol.asyncIterator]()
    for (let i = 0; i < 8; i += 1) await iterator.next()
    expect(calls).toEqual(['full', 'room'])
    expect(queue.bytes).toBe(0)
  })

  it('hands over what is there before an error or the end', async () => {
    const queue = new PushQueue<number>({ bytes: 100 })
    queue.push(1, 1)
    queue.fail(new Error('link down'))
    expect(queue.push(2, 1)).toBe(false)
    const got: number[] = []
    const read = async (): Promise<void> => {
      for await (const item of queue) got.push(item)
    }
    await expect(read()).rejects.toThrow('link down')
    expect(got).toEqual([1])
  })

  it('keeps order, loses only what it refused, and never holds more than its bound', async () => {
    const step = fc.oneof(fc.record({ push: fc.integer({ min: 1, max: 40 }) }), fc.constant('take' as const))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
        const queue = new PushQueue<number>({ bytes: 64 })
        const iterator = queue[Symbol.asyncIterator]()
        const taken: number[] = []
        const accepted: number[] = []
        let waiting = 0
        for (const [i, one] of steps.entries()) {
          if (one !== 'take') {
            if (queue.push(i, one.push)) accepted.push(i)
            expect(queue.bytes <= 64 || accepted.length - taken.length === 1).toBe(true)
          } else if (accepted.length > taken.length + waiting) {
            taken.push((await iterator.next()).value as number)
          }
        }
        waiting = 0
        queue.end()
        for await (const item of queue) taken.push(item)
        expect(taken).toEqual(accepted)
        expect(accepted.length + queue.refused).toBe(steps.filter((one) => one !== 'take').length)
      })
    )
  })

  it('refuses a bound of nothing', () => {
    expect(() => new PushQueue({ bytes: 0 })).toThrow('bytes must be above 0, got 0')
  })
})
