import { describe, expect, it } from 'vitest'
import { NotConnectedError, TimeoutError } from '../model/errors.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { RequestQueue } from './request-queue.ts'

interface Bench {
  readonly queue: RequestQueue<string, string>
  readonly time: VirtualTime
  readonly sent: string[]
}

function bench(resync?: () => Promise<void>): Bench {
  const time = new VirtualTime()
  const sent: string[] = []
  const send = async (request: string): Promise<void> => {
    sent.push(request)
  }
  return { queue: new RequestQueue({ send, scheduler: time, timeoutMs: 100, ...(resync && { resync }) }), time, sent }
}

describe('RequestQueue', () => {
  it('sends the second request only after the first answer', async () => {
    const { queue, time, sent } = bench()
    const answers = [queue.request('a', 'answer to a'), queue.request('b', 'answer to b')]
    await time.advance(0)
    expect(sent).toEqual(['a'])
    expect(queue.answer('A')).toBe(true)
    await time.advance(0)
    expect(sent).toEqual(['a', 'b'])
    queue.answer('B')
    expect(await Promise.all(answers)).toEqual(['A', 'B'])
  })

  it('refuses an answer that nobody waits for', () => expect(bench().queue.answer('late')).toBe(false))

  it('fails after the timeout, resynchronises, then goes on, and a late answer is not taken for the next one', async () => {
    let resynced = 0
    const { queue, time, sent } = bench(async () => {
      resynced += 1
    })
    const silent = queue.request('a', 'answer to a').catch((error: unknown) => error)
    const next = queue.request('b', 'answer to b')
    await time.advance(99)
    expect(resynced).toBe(0)
    await time.advance(1)
    expect(await silent).toEqual(new TimeoutError('answer to a', 100))
    expect(resynced).toBe(1)
    expect(sent).toEqual(['a', 'b'])
    queue.answer('B')
    expect(await next).toBe('B')
    expect(time.pending).toBe(0)
  })

  it('does not accept an answer while it resynchronises', async () => {
    const { queue, time } = bench(() => new Promise(() => {}))
    const silent = queue.request('a', 'answer to a').catch(() => 'failed')
    await time.advance(100)
    expect(await silent).toBe('failed')
    expect(queue.answer('late')).toBe(false)
  })

  it('fails everything once the connection is gone', async () => {
    const { queue, time, sent } = bench()
    const lost = new NotConnectedError('tcp://x')
    const answers = ['a', 'b'].map((request) => queue.request(request, request).catch((error: unknown) => error))
    await time.advance(0)
    queue.fail(lost)
    expect(await Promise.all(answers)).toEqual([lost, lost])
    expect(sent).toEqual(['a'])
    expect(time.pending).toBe(0)
  })

  it('passes the error of a failed send on and goes on', async () => {
    const time = new VirtualTime()
    let first = true
    const send = async (): Promise<void> => {
      if (first) {
        first = false
        throw new Error('write failed')
      }
      queue.answer('B')
    }
    const queue = new RequestQueue<string, string>({ send, scheduler: time, timeoutMs: 100 })
    await expect(queue.request('a', 'a')).rejects.toThrow('write failed')
    expect(await queue.request('b', 'b')).toBe('B')
    expect(time.pending).toBe(0)
  })
})
