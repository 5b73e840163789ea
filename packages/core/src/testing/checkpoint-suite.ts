import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import type { Checkpoint, CheckpointStore, StepState } from '../model/checkpoint.ts'
import { isSdkError } from '../model/errors.ts'
import { defineStream } from '../model/stream.ts'
import { type Check, checksOf, declareSuite, type Skips, type SuiteRunner } from './suite.ts'

/**
 * A checkpoint store to be checked.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, type CheckpointSubject } from '@messwerk/core/testing'
 *
 * const subject: CheckpointSubject = {
 *   place: async () => {
 *     const store = memoryCheckpoints()
 *     return { open: () => store, damage: async (pipeline) => store.damage(pipeline) }
 *   }
 * }
 * typeof subject.place // => 'function'
 * ```
 */
export interface CheckpointSubject {
  /** A fresh, empty place. */
  place(): Promise<CheckpointPlace>
  readonly skip?: Skips | undefined
}

/**
 * Where a checkpoint store keeps what it is given.
 *
 * @example
 * ```ts
 * import { memoryCheckpoints, type CheckpointPlace } from '@messwerk/core/testing'
 *
 * const store = memoryCheckpoints()
 * const place: CheckpointPlace = { open: () => store }
 * place.open() === place.open() // => true
 * ```
 */
export interface CheckpointPlace {
  /** A store on this place. Called again it gives one as another process would have it. */
  open(): CheckpointStore
  /** Damages the newest checkpoint of a pipeline, as a bad disk would. */
  damage?(pipeline: string): Promise<void>
  /** Cleans up. */
  remove?(): Promise<void>
}

/**
 * Every rule that the contract of a checkpoint store states, one check each.
 *
 * @example
 * ```ts
 * import { checkpointChecks, memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const store = memoryCheckpoints()
 * const names = [...checkpointChecks({ place: async () => ({ open: () => store }) })].map((check) => check.name)
 * names.includes('C4 every claim has a higher generation') // => true
 * ```
 */
export function checkpointChecks(subject: CheckpointSubject): Generator<Check> {
  return checksOf(rules, subject, subject.skip)
}

/**
 * Declares a test for each rule of the contract of a checkpoint store. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { checkpointSuite, memoryCheckpoints } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const store = memoryCheckpoints()
 * checkpointSuite('memory', { place: async () => ({ open: () => store }) }, { describe: (_, body) => body(), it })
 * names.length // => 12
 * ```
 */
export function checkpointSuite(name: string, subject: CheckpointSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a checkpoint store`, checkpointChecks(subject), runner)
}

const stream = defineStream({
  id: 'press-3',
  channels: [{ name: 'force', unit: 'kN' }],
  rate: 1000,
  tags: { hall: '4' }
})
const features = defineStream({ id: 'press-3', channels: [{ name: 'force.rms', unit: 'kN', role: 'feature' }] })

function checkpoint(number: number, state: unknown = { number }): Checkpoint {
  const steps: StepState[] = [
    { step: '0 rms', version: 3, state, stream },
    { step: '1 total', version: 1, state: undefined, stream: features }
  ]
  const lanes = [{ stream, steps }]
  const gaps = [['press-4', { scans: 'unknown', cause: 'rejected' }]] as const
  return {
    number,
    takenAt: 1_700_000_000_000.5,
    steps: ['0 rms', '1 total'],
    splits: [
      { source: 'line', split: 'line/1', at: 4711, seen: Float64Array.of(3, 2 ** 53 - 1), gaps, lanes },
      { source: 'line', split: 'line/2', at: -1, seen: undefined, lanes: [] }
    ]
  }
}

/** Bits that text or a careless copy loses. */
function trickyState(): Readonly<Record<string, unknown>> {
  const bits = Float64Array.from(
    { length: 100 },
    (_, i) => [Number.NaN, -0, 5e-324, 0.1, Number.POSITIVE_INFINITY][i % 5]!
  )
  return {
    bits,
    singles: Float32Array.of(0.1, Number.NaN),
    bytes: Uint8Array.from({ length: 77 }, (_, i) => 255 - i),
    numbers: [Number.NaN, -0, Number.NEGATIVE_INFINITY, 2 ** 53 - 1],
    big: 2n ** 70n,
    map: new Map<unknown, unknown>([
      ['$a', bits.slice(3, 9)],
      [1, undefined]
    ]),
    nothing: [undefined, null, {}, [], ''],
    $: '$NaN',
    '@': { '@': 1 },
    text: 'é\u0000\ud83d\ude00"\n'
  }
}

const rules: Readonly<Record<string, (on: CheckpointSubject) => Promise<void>>> = {
  'C1 a fresh store has none': (on) =>
    at(on, async ({ open }) => {
      strictEqual((await open().claim('press-3')).latest, undefined)
    }),
  'C2 what is saved is read back, equal to the bit': (on) =>
    at(on, async ({ open }) => {
      const saved = checkpoint(1, trickyState())
      await (await open().claim('press-3')).save(saved)
      const { latest } = await open().claim('press-3')
      equal(plainOf(latest), plainOf(checkpoint(1, trickyState())))
      strictEqual(latest?.splits[0]?.lanes[0]?.stream, stream)
      strictEqual(latest?.splits[0]?.lanes[0]?.steps[1]?.stream, features)
    }),
  'C3 the newest is read back, also over restarts': (on) =>
    at(on, async ({ open }) => {
      const claim = await open().claim('press-3')
      for (let number = 1; number <= 10; number += 1) await claim.save(checkpoint(number))
      const next = await open().claim('press-3')
      strictEqual(next.latest?.number, 10)
      await next.save(checkpoint(11))
      strictEqual((await open().claim('press-3')).latest?.number, 11)
    }),
  'C4 every claim has a higher generation': (on) =>
    at(on, async ({ open }) => {
      const same = open()
      let before = 0
      for (const store of [same, same, open(), open()]) {
        const { generation } = await store.claim('press-3')
        ok(Number.isSafeInteger(generation) && generation > before, `generation ${generation} comes after ${before}`)
        before = generation
      }
    }),
  'C5 after a later claim, what an earlier one saves is refused as fenced and never read': (on) =>
    at(on, async ({ open }) => {
      const first = await open().claim('press-3')
      await first.save(checkpoint(1))
      const second = await open().claim('press-3')
      await refused(first.save(checkpoint(2)))
      await second.save(checkpoint(2, { of: 'second' }))
      await refused(first.save(checkpoint(99)))
      strictEqual((await open().claim('press-3')).latest?.number, 2)
    }),
  'C6 a save takes a copy at once': (on) =>
    at(on, async ({ open }) => {
      const state = { mean: Float64Array.from({ length: 50 }, () => 1), open: { since: 1 } }
      const saving = (await open().claim('press-3')).save(checkpoint(1, state))
      state.mean.fill(2)
      state.open.since = 2
      await saving
      state.mean.fill(3)
      const kept = stateOf((await open().claim('press-3')).latest) as typeof state
      equal([kept.mean[0], kept.mean[49], kept.open.since], [1, 1, 1])
    }),
  'C7 where the newest is damaged, the one before is used': (on) =>
    at(on, async ({ open, damage }) => {
      if (!damage) return
      const claim = await open().claim('press-3')
      for (let number = 1; number <= 3; number += 1) await claim.save(checkpoint(number))
      await damage('press-3')
      const next = await open().claim('press-3')
      strictEqual(next.latest?.number, 2)
      await next.save(checkpoint(3))
      strictEqual((await open().claim('press-3')).latest?.number, 3)
    }),
  'C8 another pipeline never gets them: it has its own or is refused': (on) =>
    at(on, async ({ open }) => {
      const ours = await open().claim('press-3')
      await ours.save(checkpoint(5))
      const other = await open()
        .claim('press-4')
        .catch((error: unknown) => ok(isSdkError(error), `a claim must be refused with an SdkError, got ${error}`))
      ok(other?.latest?.number !== 5, 'the other pipeline was given ours')
      await other?.save(checkpoint(8))
      await ours.save(checkpoint(6))
      strictEqual((await open().claim('press-3')).latest?.number, 6)
    }),
  'C9 a save says how many bytes it took': (on) =>
    at(on, async ({ open }) => {
      const bytes = await (await open().claim('press-3')).save(checkpoint(1))
      ok(Number.isSafeInteger(bytes) && bytes > 0, `a number of bytes must be positive, got ${bytes}`)
    }),
  'C10 can be closed twice': (on) =>
    at(on, async ({ open }) => {
      const claim = await open().claim('press-3')
      await claim.save(checkpoint(1))
      await claim.close?.()
      await claim.close?.()
      strictEqual((await open().claim('press-3')).latest?.number, 1)
    }),
  'C11 a claim says whether it still holds, where it can be asked': (on) =>
    at(on, async ({ open }) => {
      const first = await open().claim('press-3')
      if (!first.check) return
      await first.check()
      await first.save(checkpoint(1))
      await first.check()
      const second = await open().claim('press-3')
      await refused(first.check())
      await second.check?.()
    }),
  'C12 the newest can be read without taking over, where it can be asked for': (on) =>
    at(on, async ({ open }) => {
      const store = open()
      if (!store.latest) return
      strictEqual(await store.latest('press-3'), undefined)
      const claim = await store.claim('press-3')
      for (let number = 1; number <= 3; number += 1) await claim.save(checkpoint(number, trickyState()))
      equal(plainOf(await open().latest?.('press-3')), plainOf(checkpoint(3, trickyState())))
      await claim.save(checkpoint(4))
    })
}

async function at(on: CheckpointSubject, check: (place: CheckpointPlace) => Promise<void>): Promise<void> {
  const place = await on.place()
  try {
    await check(place)
  } finally {
    await place.remove?.()
  }
}

async function refused(saving: Promise<unknown>): Promise<void> {
  const error: unknown = await saving.then(
    () => undefined,
    (reason) => reason
  )
  strictEqual(isSdkError(error) ? error.code : `not refused as fenced: ${String(error)}`, 'FENCED')
}

function stateOf(checkpoint: Checkpoint | undefined): unknown {
  return checkpoint?.splits[0]?.lanes[0]?.steps[0]?.state
}

/** Without streams, which have a check of their own, and with the bits of numbers that compare as equal. */
function plainOf(checkpoint: Checkpoint | undefined): unknown {
  const bits = (stateOf(checkpoint) as { bits?: Float64Array } | undefined)?.bits
  const splits = checkpoint?.splits.map(({ source, split, at: position, seen, gaps, lanes }) => {
    const steps = lanes.map((lane) => lane.steps.map(({ step, version, state }) => [step, version, state]))
    return [source, split, position, seen, gaps, steps]
  })
  const { number, takenAt, steps } = checkpoint ?? {}
  return [number, takenAt, steps, splits, bits && new BigUint64Array(bits.slice().buffer)]
}
