import { delay, filter, map, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { asyncOperator, type DeadLetter, eventOperator, operator, pipeline, pushSource, viaRx } from '../index.ts'
import { type Block, defineStream, type MeasurementEvent, PipelineError, type Sink } from '../model/index.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { batchOf, collecting, counted, listed, scans, until, valuesOf, withGap } from './fixtures/test-doubles.ts'

const pass = operator({ id: 'pass', kernel: (stream) => ({ output: stream, process: (block) => block }) })

/** Emits the sum of every two scans of a stream. */
const pairs = operator({
  id: 'pairs',
  mode: 'replace',
  kernel(stream) {
    let half: number | undefined
    return {
      output: stream,
      process(block) {
        const sums: number[] = []
        for (const value of block.values) {
          if (half === undefined) half = value
          else {
            sums.push(half + value)
            half = undefined
          }
        }
        return sums.length > 0 ? scans(block.origin.position, sums, stream.id) : undefined
      },
      flush: () => (half === undefined ? undefined : scans(999, [half], stream.id))
    }
  }
})

function throwingOn(bad: (block: Block) => boolean): typeof pass {
  return operator({
    id: 'picky',
    kernel: (stream) => ({
      output: stream,
      process(block) {
        if (bad(block)) throw new Error('boom')
        return block
      }
    })
  })
}

describe('operators that throw', () => {
  it('cost their block, which goes to the dead letters, and the next block declares it', async () => {
    const letters: DeadLetter[] = []
    const sink = collecting()
    const source = listed(counted(5, 2))
    const run = pipeline('p')
      .from(source)
      .pipe(throwingOn((block) => block.origin.position === 2))
      .to(sink)
      .start({ deadLetters: { write: async (items) => void letters.push(...items) } })
    await run.done
    expect(valuesOf(sink.blocks)).toEqual([0, 1, 2, 3, 6, 7, 8, 9])
    expect(sink.blocks.map((block) => block.gap)).toEqual([
      undefined,
      undefined,
      { scans: 2, cause: 'rejected' },
      undefined
    ])
    expect(letters.map(({ position, from }) => [position, from])).toEqual([[2, 'picky']])
    expect(source.commits.at(-1)).toEqual({ split: 4 })
    expect(run.metrics.rejected).toBe(1)
  })

  it('settle a rejected batch only when the dead letters have it', async () => {
    const source = listed(counted(1))
    let stored: (() => void) | undefined
    const run = pipeline('p')
      .from(source)
      .pipe(throwingOn(() => true))
      .to(collecting())
      .start({
        deadLetters: {
          write: () =>
            new Promise((resolve) => {
              stored = resolve
            })
        }
      })
    await until(() => stored !== undefined)
    expect(source.commits).toEqual([])
    stored?.()
    await run.done
    expect(source.commits).toEqual([{ split: 0 }])
  })

  it('fail the run after three in a row', async () => {
    const bad = new Set([1, 3, 4, 5])
    const letters: DeadLetter[] = []
    const run = pipeline('p')
      .from(listed(counted(9)))
      .pipe(throwingOn((block) => bad.has(block.origin.position)))
      .to(collecting())
      .start({ deadLetters: { write: async (items) => void letters.push(...items) } })
    await expect(run.done).rejects.toThrow(/three blocks in a row were rejected.*picky.*boom/)
  })

  it('do not fail the run as long as blocks between them go through', async () => {
    const sink = collecting()
    const run = pipeline('p')
      .from(listed(counted(10)))
      .pipe(throwingOn((block) => block.origin.position % 2 === 0))
      .to(sink)
      .start({ deadLetters: { write: async () => {} } })
    await run.done
    expect(valuesOf(sink.blocks)).toEqual([1, 3, 5, 7, 9])
  })

  it('fail the run at once when there is no place for dead letters, naming the option', async () => {
    const run = pipeline('p')
      .from(listed(counted(2)))
      .pipe(throwingOn(() => true))
      .to(collecting())
      .start()
    const error = await run.done.catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(PipelineError)
    expect(String(error)).toMatch(/picky.*boom.*split split, position 0.*start\({ deadLetters: sink }\)/)
  })

  it('report an unknown channel with the names there are', async () => {
    const needy = operator({
      id: 'needy',
      needs: ['b'],
      kernel: (stream) => ({ output: stream, process: (block) => block })
    })
    const run = pipeline('p')
      .from(listed(counted(1)))
      .pipe(needy as never)
      .to(collecting())
      .start()
    await expect(run.done).rejects.toThrow("Stream 's' has no channel 'b'; it has: a")
  })
})

describe('gaps', () => {
  it('reset an operator, and its next block carries them', async () => {
    const sink = collecting()
    const batches = [batchOf(scans(0, [1])), batchOf(withGap(scans(1, [10]), 5)), batchOf(scans(2, [20]))]
    await pipeline('p').from(listed(batches)).pipe(pairs).to(sink).start().done
    expect(valuesOf(sink.blocks)).toEqual([30])
    expect(sink.blocks[0]?.gap).toEqual({ scans: 5, cause: 'lost' })
  })

  it('are held by an operator that says so', async () => {
    const holding = operator({ id: 'pairs', mode: 'replace', onGap: 'hold', kernel: pairs.kernel })
    const sink = collecting()
    await pipeline('p')
      .from(listed([batchOf(scans(0, [1])), batchOf(withGap(scans(1, [10]), 5))]))
      .pipe(holding)
      .to(sink)
      .start().done
    expect(valuesOf(sink.blocks)).toEqual([11])
    expect(sink.blocks[0]?.gap).toEqual({ scans: 5, cause: 'lost' })
  })

  it('reset a holding operator when they are longer than maxGap', async () => {
    const holding = operator({
      id: 'pairs',
      mode: 'replace',
      onGap: 'hold',
      maxGap: { scans: 4 },
      kernel: pairs.kernel
    })
    const sink = collecting()
    await pipeline('p')
      .from(listed([batchOf(scans(0, [1])), batchOf(withGap(scans(1, [10, 3]), 5))]))
      .pipe(holding)
      .to(sink)
      .start().done
    expect(valuesOf(sink.blocks)).toEqual([13])
  })

  it('add up when an operator swallowed the block that brought one', async () => {
    const sink = collecting()
    const batches = [0, 1, 2, 3].map((i) => batchOf(withGap(scans(i, i === 3 ? [1, 2] : [1]), 10)))
    await pipeline('p').from(listed(batches)).pipe(pairs).to(sink).start().done
    expect(sink.blocks.map(({ gap }) => gap)).toEqual([{ scans: 40, cause: 'lost' }])
  })

  it('become a notice at the end of data when no block carried them', async () => {
    const events: MeasurementEvent[] = []
    const silent = eventOperator({ id: 'silent', kernel: () => ({ process: () => [] }) })
    const nothing = operator({ id: 'nothing', kernel: (stream) => ({ output: stream, process: () => undefined }) })
    await pipeline('p')
      .from(listed([batchOf(withGap(scans(0, [1]), 7))]))
      .pipe(nothing)
      .events(silent, { write: async (items) => void events.push(...items) })
      .start().done
    expect(events.map(({ kind, rule, stream, data }) => ({ kind, rule, stream, data }))).toEqual([
      { kind: 'notice', rule: 'gap', stream: 's', data: { scans: 7, cause: 'lost' } }
    ])
  })

  it('are counted and logged', async () => {
    const lines: string[] = []
    const log = { info: () => {}, warn: (line: string) => lines.push(line), error: () => {} }
    const run = pipeline('p')
      .from(listed([batchOf(withGap(scans(0, [1]), 7))]))
      .to(collecting())
      .start({ log })
    await run.done
    expect(run.metrics).toMatchObject({ gaps: 1, missingScans: 7 })
    expect(lines).toEqual(['s: gap of 7 scans (lost)'])
  })
})

describe('the life of a run', () => {
  it('flushes kernels at the end of data', async () => {
    const sink = collecting()
    await pipeline('p')
      .from(listed(counted(3)))
      .pipe(pairs)
      .to(sink)
      .start().done
    expect(valuesOf(sink.blocks)).toEqual([1, 2])
  })

  it('does not flush kernels at a stop, and commits what is durable', async () => {
    const sink = collecting()
    const pump = pushSource({ stream: 's', channels: { a: 'V' } })
    const run = pipeline('p')
      .from(pump)
      .pipe(pairs as never)
      .to(sink)
      .start()
    for (const a of [1, 2, 3]) pump.push({ a })
    await run.stop()
    expect(valuesOf(sink.blocks)).toEqual([3])
    await run.done
  })

  it('lets go of a source that is not done, when it is stopped', async () => {
    let returned = false
    const source = {
      ...listed([]),
      async *read({ signal }: { signal: AbortSignal }) {
        try {
          yield* counted(1)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        } finally {
          returned = true
        }
      }
    }
    const run = pipeline('p').from(source).to(collecting()).start()
    await until(() => run.metrics.blocks === 1)
    await run.stop()
    expect(returned).toBe(true)
  })

  it('stops by the deadline when a sink hangs, and commits nothing of what it holds', async () => {
    const source = listed(counted(1))
    const hanging: Sink<Block> = { write: () => new Promise(() => {}) }
    const run = pipeline('p')
      .from(source)
      .to(hanging, { batch: { items: 1 } })
      .start()
    await until(() => run.metrics.blocks === 1)
    await run.stop({ drain: '20ms' })
    expect(source.commits).toEqual([])
    expect(run.metrics.unsettledBytes).toBeGreaterThan(0)
  })

  it('lets timers run while a source never waits', async () => {
    let ticks = 0
    const endless = listed(counted(Number.POSITIVE_INFINITY))
    const run = pipeline('p').from(endless).to(collecting()).start()
    const timer = setInterval(() => {
      ticks += 1
    }, 1)
    await until(() => ticks >= 3)
    clearInterval(timer)
    await run.stop()
  })

  it('fails when a source fails, and closes its sinks', async () => {
    let closed = false
    const broken = {
      ...listed([]),
      // biome-ignore lint/correctness/useYield: it fails before it has anything
      async *read(): AsyncGenerator<never> {
        throw new Error('link down')
      }
    }
    const run = pipeline('p')
      .from(broken)
      .to({
        write: async () => {},
        close: async () => {
          closed = true
        }
      })
      .start()
    await expect(run.done).rejects.toThrow('link down')
    expect(closed).toBe(true)
    const states: string[] = []
    run.status$.subscribe(({ state }) => states.push(state))
    expect(states).toEqual([])
  })

  it('is an unhandled rejection when nobody awaits a failed run', async () => {
    const caught: unknown[] = []
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', (error) => caught.push(error))
    pipeline('p')
      .from(listed(counted(1)))
      .pipe(throwingOn(() => true))
      .to(collecting())
      .start()
    await until(() => caught.length > 0)
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
    expect(caught).toHaveLength(1)
  })

  it('fails when a sink cannot be opened, before it reads', async () => {
    const source = listed(counted(1))
    const sink: Sink<Block> = { open: () => Promise.reject(new Error('no such table')), write: async () => {} }
    await expect(pipeline('p').from(source).to(sink).start().done).rejects.toThrow('no such table')
    expect(source.asked.count).toBe(0)
  })

  it('tells its states', async () => {
    const states: string[] = []
    const run = pipeline('p')
      .from(listed(counted(1)))
      .to(collecting())
      .start()
    run.status$.subscribe(({ state, keepsState }) => {
      const line = `${state}, state ${keepsState}`
      if (states.at(-1) !== line) states.push(line)
    })
    await run.done
    expect(states).toEqual(['connecting, state in memory', 'running, state in memory', 'stopped, state in memory'])
  })

  it('renews a kernel when its stream changes under the same id', async () => {
    const other = { ...scans(1, [5]), stream: defineStream({ id: 's', channels: [{ name: 'a', unit: 'mV' }] }) }
    const sink = collecting()
    await pipeline('p')
      .from(listed([batchOf(scans(0, [1])), batchOf(other)]))
      .pipe(pairs)
      .to(sink)
      .start().done
    expect(valuesOf(sink.blocks)).toEqual([1, 5])
  })

  it('forgets the streams that were idle longest when there are too many, and counts them', async () => {
    const batches = Array.from({ length: 25 }, (_, i) => batchOf(scans(i, [1], `s${i}`)))
    const sink = collecting()
    const run = pipeline('p').from(listed(batches)).pipe(pairs).to(sink).start({ streams: 10 })
    await run.done
    expect(run.metrics.evictedStreams).toBeGreaterThanOrEqual(15)
    expect(run.metrics.streams).toBeLessThanOrEqual(10)
  })
})

describe('shape', () => {
  it('keeps raw data and features, and branches', async () => {
    const [raw, features, other] = [collecting(), collecting(), collecting()]
    const flow = pipeline('p')
      .from(listed(counted(4)))
      .to(raw)
      .branch((branch) =>
        branch
          .pipe(
            viaRx(
              'odd',
              filter((block: Block<'a'>) => block.origin.position % 2 === 1)
            )
          )
          .to(other)
      )
      .pipe(pairs)
      .to(features)
    expect(flow.describe()).toBe(
      [
        'p',
        '  from listed (replay: position)',
        '  to collecting (required)',
        '  branch',
        '    pipe odd',
        '    to collecting (required)',
        '  pipe pairs',
        '  to collecting (required)'
      ].join('\n')
    )
    await flow.start().done
    expect([valuesOf(raw.blocks), valuesOf(features.blocks), valuesOf(other.blocks)]).toEqual([
      [0, 1, 2, 3],
      [1, 5],
      [1, 3]
    ])
  })

  it('reads several sources', async () => {
    const sink = collecting()
    const one = listed(counted(3, 1, 'one'))
    const two = listed(counted(3, 1, 'two'))
    const run = pipeline('p').from(one, two).pipe(pairs).to(sink).start()
    await run.done
    expect(sink.blocks.map(({ stream, values }) => `${stream.id} ${values[0]}`).sort()).toEqual([
      'one 1',
      'one 2',
      'two 1',
      'two 2'
    ])
    expect(one.commits.at(-1)).toEqual({ split: 2 })
    expect(two.commits.at(-1)).toEqual({ split: 2 })
  })

  it('shows blocks at the end of the flow on tap$', async () => {
    const run = pipeline('p')
      .from(listed(counted(4)))
      .pipe(pairs)
      .start()
    const seen: number[] = []
    run.tap$.pipe(map((block) => block.values[0] as number)).subscribe((value) => seen.push(value))
    await run.done
    expect(seen).toEqual([1, 5])
  })

  it('tells kernels to relearn', async () => {
    const told: string[] = []
    const learning = operator({
      id: 'learning',
      kernel: (stream) => ({ output: stream, process: (block) => block, relearn: () => told.push(stream.id) })
    })
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' } })
    const run = pipeline('p').from(pump).pipe(learning).to(collecting()).start()
    pump.push({ a: 1 })
    await until(() => run.metrics.blocks === 1)
    run.relearn('other')
    run.relearn('pump')
    run.relearn()
    expect(told).toEqual(['pump', 'pump'])
    await run.stop()
  })

  it('logs what operators say of themselves', async () => {
    const time = new VirtualTime()
    const lines: string[] = []
    const log = { info: (line: string) => lines.push(line), warn: () => {}, error: () => {} }
    const learning = operator({
      id: 'learning',
      kernel: (stream) => ({ output: stream, process: (block) => block, progress: () => 'learning 1 of 30 s' })
    })
    const pump = pushSource({ stream: 'pump', channels: { a: 'V' }, scheduler: time })
    const run = pipeline('press').from(pump).pipe(learning).to(collecting()).start({ log, scheduler: time })
    pump.push({ a: 1 })
    await time.advance(3000)
    const stopped = run.stop()
    await time.advance(200)
    await stopped
    expect(lines).toEqual(['press: connected to push pump', 'pump: learning 1 of 30 s'])
  })

  it('refuses what is not a source, an operator, a sink or an option', () => {
    const flow = pipeline('p').from(listed([]))
    expect(() => pipeline('')).toThrow(TypeError)
    expect(() => pipeline('p').from()).toThrow('at least one source')
    expect(() => flow.pipe(map((x: unknown) => x) as never)).toThrow("viaRx('name', operator)")
    expect(() => flow.to({} as never)).toThrow('to needs a sink')
    expect(() => flow.events({} as never, collecting() as never)).toThrow('toEvents()')
    expect(() => flow.start({ credit: '64' as never })).toThrow(
      "p: credit must be a size such as '512KiB' or '64MiB', got '64'"
    )
    expect(() => flow.start({ streams: 0 })).toThrow('streams must be a positive whole number, got 0')
    expect(() =>
      pipeline('p')
        .from(listed([]))
        .to(collecting(), { delivery: 'sometimes' as never })
        .start()
    ).toThrow("delivery must be 'required', 'spooled' or 'bestEffort', got 'sometimes'")
  })
})

describe('viaRx', () => {
  it('fails the run when an output comes outside its turn', async () => {
    const late = viaRx('late', delay<Block<'a'>>(1))
    const source = {
      ...listed([]),
      async *read() {
        yield* counted(1)
        await new Promise((resolve) => setTimeout(resolve, 10))
        yield batchOf(scans(1, [1]))
      }
    }
    const run = pipeline('p').from(source).pipe(late).to(collecting()).start()
    await expect(run.done).rejects.toThrow(
      "viaRx 'late' emitted outside a turn; inside a pipeline only stateless synchronous"
    )
  })

  it('fails the run when the operator completes', async () => {
    const run = pipeline('p')
      .from(listed(counted(3)))
      .pipe(viaRx('first', take<Block<'a'>>(1)))
      .to(collecting())
      .start()
    await expect(run.done).rejects.toThrow("viaRx 'first' completed")
  })
})

describe('asynchronous operators', () => {
  it('keep the order of blocks and work on at most `concurrency` at once', async () => {
    let working = 0
    let most = 0
    const later = asyncOperator({
      id: 'later',
      concurrency: 3,
      kernel: (stream) => ({
        output: stream,
        async process(block) {
          working += 1
          most = Math.max(most, working)
          await new Promise((resolve) => setTimeout(resolve, block.origin.position % 3))
          working -= 1
          return block
        }
      })
    })
    const sink = collecting()
    const source = listed(counted(20))
    await pipeline('p').from(source).pipe(later).to(sink).start().done
    expect(valuesOf(sink.blocks)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(most).toBe(3)
    expect(source.commits.at(-1)).toEqual({ split: 19 })
  })

  it('reject a block like any other operator', async () => {
    const letters: DeadLetter[] = []
    const picky = asyncOperator({
      id: 'picky',
      kernel: (stream) => ({
        output: stream,
        process: async (block) => (block.origin.position === 1 ? Promise.reject(new Error('boom')) : block)
      })
    })
    const sink = collecting()
    await pipeline('p')
      .from(listed(counted(3)))
      .pipe(picky)
      .to(sink)
      .start({ deadLetters: { write: async (items) => void letters.push(...items) } }).done
    expect(valuesOf(sink.blocks)).toEqual([0, 2])
    expect(sink.blocks[1]?.gap).toEqual({ scans: 1, cause: 'rejected' })
    expect(letters).toHaveLength(1)
  })
})

describe('splits', () => {
  it('commits a revoked split before it gives it up, and nothing of a lost one', async () => {
    const source = {
      ...listed([]),
      async *read({ splits }: { splits: { revoked(s: string, ms: number): Promise<void>; lost(s: string): void } }) {
        yield batchOf(scans(3, [1]), 'kept')
        await splits.revoked('kept', 1000)
        yield batchOf(scans(4, [1]), 'gone')
        splits.lost('gone')
      }
    }
    await pipeline('p').from(source).to(collecting()).start().done
    expect(source.commits).toEqual([{ kept: 3 }])
  })
})

describe('three in a row', () => {
  const bad = throwingOn(() => true)

  it('are counted for the operator that throws, whatever stands before it', async () => {
    const run = pipeline('p')
      .from(listed(counted(9)))
      .pipe(pass, bad)
      .to(collecting())
      .start({ deadLetters: { write: async () => {} } })
    await expect(run.done).rejects.toThrow(/three blocks in a row were rejected/)
    expect(run.metrics.rejected).toBe(3)
  })

  it('are three blocks: not one block that three branches reject', async () => {
    const once = throwingOn((block) => block.origin.position === 1)
    const sink = collecting()
    const run = pipeline('p')
      .from(listed(counted(4)))
      .branch((side) => side.pipe(once).to(collecting()))
      .branch((side) => side.pipe(once).to(collecting()))
      .branch((side) => side.pipe(once).to(collecting()))
      .to(sink)
      .start({ deadLetters: { write: async () => {} } })
    await run.done
    expect([valuesOf(sink.blocks), run.metrics.rejected]).toEqual([[0, 1, 2, 3], 3])
  })
})
