import { concat, from, lastValueFrom, NEVER, of, Subject, throwError, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { observe, operator, writeTo } from '../index.ts'
import { type Block, OverflowError, type Sink } from '../model/index.ts'
import { counted, listed, scans, until, valuesOf, withGap } from '../pipeline/fixtures/test-doubles.ts'

const running = operator({
  id: 'running',
  kernel(stream) {
    let sum = 0
    return {
      output: stream,
      process(block) {
        const values = block.values.map((value) => {
          sum += value
          return sum
        })
        return { ...block, values }
      }
    }
  }
})

describe('an operator as RxJS operator', () => {
  it('keeps a state for each stream and each subscriber', async () => {
    const blocks = of(scans(0, [1], 'one'), scans(0, [10], 'two'), scans(1, [2], 'one'), scans(1, [20], 'two'))
    const chain = blocks.pipe(running, toArray())
    expect(valuesOf(await lastValueFrom(chain))).toEqual([1, 10, 3, 30])
    expect(valuesOf(await lastValueFrom(chain))).toEqual([1, 10, 3, 30])
  })

  it('applies the gap rule', async () => {
    const blocks = of(scans(0, [1]), withGap(scans(1, [5]), 3), scans(2, [1]))
    expect(valuesOf(await lastValueFrom(blocks.pipe(running, toArray())))).toEqual([1, 5, 6])
  })

  it('forwards errors, makes its own errors errors, and unsubscribes', async () => {
    await expect(
      lastValueFrom(
        concat(
          of(scans(0, [1])),
          throwError(() => new Error('up'))
        ).pipe(running)
      )
    ).rejects.toThrow('up')
    const needy = operator({ id: 'needy', needs: ['b'], kernel: running.kernel })
    await expect(lastValueFrom(of(scans(0, [1])).pipe(needy as never))).rejects.toThrow("has no channel 'b'; it has: a")
    const subject = new Subject<Block>()
    subject.pipe(running).subscribe().unsubscribe()
    expect(subject.observed).toBe(false)
  })

  it('refuses a spec that is wrong', () => {
    expect(() => operator({ id: '', kernel: running.kernel })).toThrow('id must be a non-empty string')
    expect(() => operator({ id: 'x', kernel: undefined as never })).toThrow('x: kernel must be a function')
    expect(() => operator({ id: 'x', onGap: 'skip' as never, kernel: running.kernel })).toThrow(
      "onGap must be 'reset' or 'hold', got skip"
    )
    expect(() => operator({ id: 'x', maxGap: '5' as never, kernel: running.kernel })).toThrow(
      'maxGap must be a span such as'
    )
  })
})

describe('observe', () => {
  it('is cold, and commits what was pushed', async () => {
    const source = listed(counted(3))
    const blocks$ = observe(source)
    expect(source.asked.count).toBe(0)
    expect(valuesOf(await lastValueFrom(blocks$.pipe(toArray())))).toEqual([0, 1, 2])
    expect(source.commits.at(-1)).toEqual({ split: 2 })
  })

  it('stops reading when it is unsubscribed', async () => {
    const source = listed(counted(Number.POSITIVE_INFINITY))
    const seen: Block[] = []
    const subscription = observe(source).subscribe((block) => seen.push(block))
    await until(() => seen.length > 100)
    subscription.unsubscribe()
    const { length } = seen
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(seen.length).toBe(length)
  })

  it('forwards the error of a source', async () => {
    const source = {
      ...listed([]),
      read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('down')) }) })
    }
    await expect(lastValueFrom(observe(source as never))).rejects.toThrow('down')
  })
})

describe('writeTo', () => {
  const blocks = Array.from({ length: 50 }, (_, i) => scans(i, [i]))

  it('reports each durable write and completes when all is durable', async () => {
    const stored: Block[] = []
    let closed = 0
    const sink: Sink<Block> = {
      write: async (items) => void stored.push(...items),
      close: async () => {
        closed += 1
      }
    }
    const written = await lastValueFrom(from(blocks).pipe(writeTo(sink), toArray()))
    expect(written.reduce((sum, { items }) => sum + items, 0)).toBe(50)
    expect(valuesOf(stored)).toEqual(blocks.map((_, i) => i))
    expect(closed).toBe(1)
  })

  it('is an error rather than a silent loss when the sink is slower', async () => {
    const slow: Sink<Block> = { write: () => new Promise(() => {}) }
    await expect(lastValueFrom(from(blocks).pipe(writeTo(slow, { buffer: '2KiB' })))).rejects.toThrow(OverflowError)
  })

  it('drops when told to, and declares it on the next block that gets in', async () => {
    const stored: Block[] = []
    let go: (() => void) | undefined
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const sink: Sink<Block> = {
      write: async (items) => {
        await gate
        stored.push(...items)
      }
    }
    const input = new Subject<Block>()
    const done = lastValueFrom(input.pipe(writeTo(sink, { buffer: '2KiB', onFull: 'drop' }), toArray()))
    for (const block of blocks) input.next(block)
    go?.()
    await until(() => stored.length > 0)
    input.next(scans(99, [99]))
    input.complete()
    await done
    expect(stored.at(-1)?.gap).toEqual({ scans: 50 - (stored.length - 1), cause: 'shed' })
  })

  it('forwards the error of a sink and of the source', async () => {
    const broken: Sink<Block> = { write: () => Promise.reject(new Error('disk gone')) }
    await expect(lastValueFrom(concat(from(blocks), NEVER).pipe(writeTo(broken)))).rejects.toThrow('disk gone')
    await expect(lastValueFrom(throwError(() => new Error('up')).pipe(writeTo(broken)))).rejects.toThrow('up')
    expect(() => writeTo(broken, { onFull: 'wait' as never })).toThrow("onFull must be 'error' or 'drop', got 'wait'")
  })
})
