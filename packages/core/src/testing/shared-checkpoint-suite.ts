import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import type { Checkpoint, CheckpointClaim, CheckpointStore, TakenSplit } from '../model/checkpoint.ts'
import { defineStream } from '../model/stream.ts'
import { type Check, checksOf, declareSuite, type Skips, type SuiteRunner } from './suite.ts'

/**
 * A checkpoint store whose splits are shared out among processes, to be checked.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, type SharedCheckpointSubject } from '@messwerk/core/testing'
 *
 * const subject: SharedCheckpointSubject = {
 *   place: async () => {
 *     const store = memoryCheckpoints({ shared: true })
 *     return () => store
 *   }
 * }
 * typeof subject.place // => 'function'
 * ```
 */
export interface SharedCheckpointSubject {
  /** A fresh, empty place. What it gives opens a store on it, as another process would. */
  place(): Promise<() => CheckpointStore>
  readonly skip?: Skips | undefined
}

/**
 * Every rule that the contract of a shared checkpoint store states, one check each.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, sharedCheckpointChecks } from '@messwerk/core/testing'
 *
 * const store = memoryCheckpoints({ shared: true })
 * const names = [...sharedCheckpointChecks({ place: async () => () => store })].map((check) => check.name)
 * names.includes('H1 a claim has no state before it has taken a split') // => true
 * ```
 */
export function sharedCheckpointChecks(subject: SharedCheckpointSubject): Generator<Check> {
  return checksOf(rules, subject, subject.skip)
}

/**
 * Declares a test for each rule of the contract of a shared checkpoint store. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, sharedCheckpointSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const store = memoryCheckpoints({ shared: true })
 * sharedCheckpointSuite('memory', { place: async () => () => store }, { describe: (_, body) => body(), it })
 * names.length // => 8
 * ```
 */
export function sharedCheckpointSuite(name: string, subject: SharedCheckpointSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a shared checkpoint store`, sharedCheckpointChecks(subject), runner)
}

const channels = [{ name: 'a', unit: 'V' }]
const streams = ['s', 't'].map((id) => defineStream({ id, channels, tags: { hall: '4' } }))
const bits = Float64Array.from({ length: 40 }, (_, i) => [Number.NaN, -0, 5e-324, 0.1][i % 4]!)

/** Of these splits, each with a state for each of its streams. */
function checkpoint(number: number, splits: Readonly<Record<string, readonly unknown[]>>): Checkpoint {
  const states = Object.entries(splits).map(([split, lanes]) => ({
    source: 'line',
    split,
    at: 100 + number,
    seen: Float64Array.of(3, 2 ** 53 - 1),
    gaps: [['u', { scans: 'unknown', cause: 'rejected' }]] as const,
    lanes: lanes.map((state, i) => {
      const stream = streams[i]!
      return { stream, sequence: 7, steps: [{ step: '0 sum', version: 2, state, stream }] }
    })
  }))
  return { number, takenAt: 1.5, steps: ['0 sum'], splits: states }
}

interface Taken extends TakenSplit {
  readonly states: unknown
  readonly shares: readonly number[]
  readonly fenced: { count: number }
}

async function take(claim: CheckpointClaim, split: string, source = 'line'): Promise<Taken> {
  ok(claim.take, 'a claim of a shared store must have take()')
  const shares: number[] = []
  const fenced = { count: 0 }
  const { checkpoint: found, isOurs } = await claim.take(source, split, {
    progress: (share) => void shares.push(share),
    fenced: () => {
      fenced.count += 1
    }
  })
  const states = found?.splits[0]?.lanes.map(({ steps }) => steps[0]?.state)
  return { checkpoint: found, isOurs, states, shares, fenced }
}

type Open = (pipeline?: string) => Promise<CheckpointClaim>

const rules: Readonly<Record<string, (on: SharedCheckpointSubject) => Promise<void>>> = {
  'H1 a claim has no state before it has taken a split': (on) =>
    at(on, async (claim) => {
      const first = await claim()
      strictEqual(first.latest, undefined)
      const fresh = await take(first, 'line/0')
      equal([fresh.checkpoint, fresh.isOurs], [undefined, false])
      await first.save(checkpoint(1, { 'line/0': [1] }))
      strictEqual((await claim()).latest, undefined)
    }),
  'H2 whoever takes a split gets what was saved of it last, equal to the bit': (on) =>
    at(on, async (claim) => {
      const first = await claim()
      await take(first, 'line/0')
      await first.save(checkpoint(1, { 'line/0': [0, 0] }))
      const bytes = await first.save(checkpoint(2, { 'line/0': [{ bits }, 2] }))
      ok(Number.isSafeInteger(bytes) && bytes > 0, `a number of bytes must be positive, got ${bytes}`)
      const second = await take(await claim(), 'line/0')
      equal(plainOf(second.checkpoint), plainOf(checkpoint(2, { 'line/0': [{ bits }, 2] })))
      strictEqual(second.checkpoint?.splits[0]?.lanes[1]?.stream, streams[1])
      strictEqual(second.isOurs, false)
    }),
  'H3 after that, what the one before saves of it is not kept, and that one is told; its other splits are saved': (
    on
  ) =>
    at(on, async (claim) => {
      const [first, second] = [await claim(), await claim()]
      const [zero, one] = [await take(first, 'line/0'), await take(first, 'line/1')]
      await first.save(checkpoint(1, { 'line/0': [1], 'line/1': [10] }))
      equal((await take(second, 'line/0')).states, [1])
      await first.save(checkpoint(2, { 'line/0': [99], 'line/1': [20] }))
      equal([zero.fenced.count > 0, one.fenced.count], [true, 0])
      await second.save(checkpoint(1, { 'line/0': [2] }))
      const third = await claim()
      equal([(await take(third, 'line/0')).states, (await take(third, 'line/1')).states], [[2], [20]])
    }),
  'H4 a claim that takes a split again is told whether another had it': (on) =>
    at(on, async (claim) => {
      const [first, second] = [await claim(), await claim()]
      await take(first, 'line/0')
      strictEqual((await take(first, 'line/0')).isOurs, true)
      await take(second, 'line/0')
      strictEqual((await take(first, 'line/0')).isOurs, false)
    }),
  'H5 streams that are not in the newest checkpoint do not come back': (on) =>
    at(on, async (claim) => {
      const first = await claim()
      await take(first, 'line/0')
      await first.save(checkpoint(1, { 'line/0': [1, 2] }))
      await first.save(checkpoint(2, { 'line/0': [3] }))
      const second = await claim()
      equal((await take(second, 'line/0')).states, [3])
      await second.save(checkpoint(3, { 'line/0': [] }))
      equal((await take(await claim(), 'line/0')).states, [])
    }),
  'H6 pipelines, sources and splits do not meet': (on) =>
    at(on, async (claim) => {
      const [ours, theirs] = [await claim(), await claim('q')]
      for (const split of ['line/0', 'line/1', 'line']) await take(ours, split)
      await take(theirs, 'line/0')
      await ours.save(checkpoint(1, { 'line/0': [0], 'line/1': [1], line: [-1] }))
      await theirs.save(checkpoint(1, { 'line/0': ['theirs'] }))
      const next = await claim()
      const found = [await take(next, 'line/0'), await take(next, 'line/1'), await take(next, 'line')]
      equal(
        found.map(({ states }) => states),
        [[0], [1], [-1]]
      )
      strictEqual((await take(next, 'line/0', 'other')).checkpoint, undefined)
    }),
  'H7 a save takes a copy at once': (on) =>
    at(on, async (claim) => {
      const state = { mean: new Float64Array(50).fill(1) }
      const first = await claim()
      await take(first, 'line/0')
      const saving = first.save(checkpoint(1, { 'line/0': [state] }))
      state.mean.fill(2)
      await saving
      equal((await take(await claim(), 'line/0')).states, [{ mean: new Float64Array(50).fill(1) }])
    }),
  'H8 it says how far reading a state has come, and can be closed twice': (on) =>
    at(on, async (claim) => {
      const first = await claim()
      await take(first, 'line/0')
      await first.save(checkpoint(1, { 'line/0': [1] }))
      await first.close?.()
      await first.close?.()
      const { shares, states } = await take(await claim(), 'line/0')
      strictEqual(shares.at(-1), 1)
      ok(shares.every((share) => share >= 0 && share <= 1))
      equal(states, [1])
    })
}

async function at(on: SharedCheckpointSubject, check: (claim: Open) => Promise<void>): Promise<void> {
  const open = await on.place()
  const claims: CheckpointClaim[] = []
  try {
    await check(async (pipeline = 'p') => {
      const claim = await open().claim(pipeline)
      claims.push(claim)
      return claim
    })
  } finally {
    for (const claim of claims) await claim.close?.()
  }
}

/** Without streams, which have a check of their own, and with the bits of numbers that compare as equal. */
function plainOf(from: Checkpoint | undefined): unknown {
  const { number, takenAt, steps, splits = [] } = from ?? {}
  const plain = splits.map(({ source, split, at: position, seen, gaps, lanes }) => {
    const states = lanes.map(({ sequence, steps: own }) => [
      sequence,
      own.map(({ step, version, state }) => [step, version, state])
    ])
    return [source, split, position, seen, gaps, states]
  })
  const { bits: kept } = (splits[0]?.lanes[0]?.steps[0]?.state ?? {}) as { readonly bits?: Float64Array }
  return [number, takenAt, steps, plain, kept && new BigUint64Array(kept.slice().buffer)]
}
