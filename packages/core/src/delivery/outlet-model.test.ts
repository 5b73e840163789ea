// An outlet against a sink that fails at random, checked by a model that knows what is durable.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BatchError, NotConnectedError, type SdkError, StorageError } from '../model/errors.ts'
import type { Sink } from '../model/sink.ts'
import { VirtualTime } from '../testing/virtual-time.ts'
import { Delivery } from './ledger.ts'
import { Outlet } from './outlet.ts'

type Poison = 'named' | 'whole'
type Mood = 'well' | 'away' | 'some' | 'slow' | 'late' | 'deaf'

interface Scenario {
  readonly items: number
  readonly batch: number
  readonly turns: readonly number[]
  readonly moods: readonly Mood[]
  readonly poison: readonly (readonly [number, Poison])[]
  readonly inFlight: number
  readonly giveUp: boolean
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  items: fc.integer({ min: 1, max: 60 }),
  batch: fc.integer({ min: 1, max: 20 }),
  turns: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
  moods: fc.array(fc.constantFrom<Mood>('well', 'well', 'away', 'some', 'slow', 'late', 'deaf'), { maxLength: 25 }),
  poison: fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), fc.constantFrom<Poison>('named', 'whole')), {
    maxLength: 5
  }),
  inFlight: fc.constantFrom(1, 1, 3),
  giveUp: fc.boolean()
})

const away = (): NotConnectedError => new NotConnectedError('tcp://store')
const bad = (item: number): StorageError => new StorageError('store', `item ${item} is bad`, false)

/** A store whose moods come in a given order, and then it is well. It checks what it is given. */
class MoodySink implements Sink<number> {
  readonly id = 'moody'
  readonly store: number[] = []
  readonly offered: number[] = []
  readonly letters: number[] = []
  inFlight = 0
  mostInFlight = 0
  readonly #time: VirtualTime
  readonly #moods: Mood[]
  readonly #poison: ReadonlyMap<number, Poison>
  readonly #mayRepeat: boolean

  constructor(time: VirtualTime, { moods, poison, inFlight }: Scenario) {
    this.#time = time
    this.#moods = [...moods]
    this.#poison = new Map(poison)
    this.#mayRepeat = inFlight > 1
  }

  async write(items: readonly number[], signal: AbortSignal): Promise<void> {
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      this.#check(items)
      await this.#behave(items, this.#moods.shift() ?? 'well', signal)
    } finally {
      this.inFlight -= 1
    }
  }

  #check(items: readonly number[]): void {
    expect(items.length).toBeGreaterThan(0)
    expect(items).toEqual(items.toSorted((a, b) => a - b))
    for (const item of items) {
      if (!this.#mayRepeat) expect(this.store).not.toContain(item)
      expect(this.letters).not.toContain(item)
      if (!this.offered.includes(item)) this.offered.push(item)
    }
  }

  async #behave(items: readonly number[], mood: Mood, signal: AbortSignal): Promise<void> {
    switch (mood) {
      case 'away':
        throw away()
      case 'some':
        return this.#keep(items, (item) => (item % 3 === 1 ? away() : undefined))
      case 'slow': // ends when told to
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')))
        })
      case 'late': // is told to end, and succeeds all the same
        await this.#wait(5400)
        return this.#keep(items)
      case 'deaf': // does not end when told to, and fails in the end
        await this.#wait(9000)
        throw away()
      case 'well':
        await this.#wait(7)
        return this.#keep(items)
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#time.after(ms, resolve))
  }

  #keep(items: readonly number[], why: (item: number) => SdkError | undefined = () => undefined): void {
    const whole = items.find((item) => this.#poison.get(item) === 'whole')
    if (whole !== undefined) throw bad(whole)
    const failed = new Map<number, SdkError>()
    for (const [i, item] of items.entries()) {
      const error = this.#poison.has(item) ? bad(item) : why(item)
      if (error) failed.set(i, error)
      else if (!this.store.includes(item)) this.store.push(item)
    }
    if (failed.size > 0) throw new BatchError('moody', failed)
  }
}

async function run(of: Scenario): Promise<void> {
  const time = new VirtualTime()
  const sink = new MoodySink(time, of)
  let failure: unknown
  const outlet = new Outlet<number>({
    id: 'moody',
    sink,
    delivery: 'required',
    batch: { items: of.batch, age: '50ms' },
    retry: { first: '1s', most: '4s', jitter: 0, giveUpAfter: of.giveUp ? '20s' : undefined },
    timeout: '5s',
    inFlight: of.inFlight,
    idempotent: of.inFlight > 1,
    scheduler: time,
    bytesOf: () => 8,
    deadLetters: async (item) => {
      await new Promise<void>((resolve) => void time.after(3, resolve))
      sink.letters.push(item)
    },
    failed: (error) => {
      failure = error
    },
    warn: () => {}
  })
  const settled = new Set<number>()
  await outlet.open()
  for (let item = 0, turn = 0; item < of.items; turn += 1) {
    const end = Math.min(of.items, item + (of.turns[turn % of.turns.length] as number))
    for (; item < end; item += 1) {
      const own = item
      const delivery = new Delivery(own, 8, 0, () => {
        expect([...sink.store, ...sink.letters]).toContain(own)
        settled.add(own)
      })
      outlet.add(own, delivery)
      delivery.release()
    }
    await time.advance(20)
  }
  const drained = outlet.drain()
  await time.advance(1_000_000)
  await drained
  check(of, sink, settled, failure, outlet)
  const closed = outlet.close()
  await time.advance(10_000)
  await closed
  expect(time.pending).toBe(0)
}

function check(of: Scenario, sink: MoodySink, settled: Set<number>, failure: unknown, outlet: Outlet<number>): void {
  const all = Array.from({ length: of.items }, (_, i) => i)
  const kept = [...sink.store, ...sink.letters]
  expect(new Set(kept).size).toBe(kept.length)
  if (failure === undefined) {
    expect(kept.toSorted((a, b) => a - b)).toEqual(all)
    expect(settled.size).toBe(of.items)
    const { queuedItems, queuedBytes, oldestMs, items, bytes, rejected } = outlet.metrics
    expect([queuedItems, queuedBytes, oldestMs]).toEqual([0, 0, 0])
    expect([items, bytes, rejected]).toEqual([sink.store.length, sink.store.length * 8, sink.letters.length])
  } else {
    expect(String(failure)).toContain('3 items in a row were refused')
    expect(of.poison.filter(([, how]) => how === 'whole').length).toBeGreaterThan(2)
  }
  if (of.inFlight > 1) return
  expect(sink.mostInFlight).toBe(1)
  expect(sink.offered).toEqual(sink.offered.toSorted((a, b) => a - b))
  if (!of.moods.includes('some')) expect(sink.store).toEqual(sink.store.toSorted((a, b) => a - b))
}

it('has every item once in the store or in the dead letters, in order, and settles it only then', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), { numRuns: 300 })
}, 60_000)
