import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import { blockOf } from '../model/block-builder.ts'
import { DecodeError } from '../model/errors.ts'
import type { Batch } from '../model/source.ts'
import type { Spool, SpoolRecord } from '../model/spool.ts'
import { blockText } from './block-text.ts'
import { type Check, checksOf, declareSuite, type Skips, type SuiteRunner } from './suite.ts'

/**
 * A place for one spool, empty at first.
 *
 * @example
 * ```ts
 * import { fileSpool } from '@messwerk/core/node'
 * import type { SpoolPlace } from '@messwerk/core/testing'
 *
 * const place: SpoolPlace = { open: () => fileSpool({ path: 'spool' }) }
 * typeof place.open // => 'function'
 * ```
 */
export interface SpoolPlace {
  /** Opens the spool that is there; called again after the one before was closed. */
  open(): Promise<Spool>
  /** Clears it away when its check is over. */
  remove?(): Promise<void>
}

/**
 * A kind of spool to be checked.
 *
 * @example
 * ```ts
 * import { fileSpool } from '@messwerk/core/node'
 * import type { SpoolSubject } from '@messwerk/core/testing'
 *
 * let places = 0
 * const subject: SpoolSubject = {
 *   place: async () => { places += 1; const path = `spool-${places}`; return { open: () => fileSpool({ path, fsync: 'each' }) } },
 * }
 * typeof subject.place // => 'function'
 * ```
 */
export interface SpoolSubject {
  /** A new place for each check. */
  place(): Promise<SpoolPlace>
  readonly skip?: Skips | undefined
}

/**
 * Every rule that the contract of a spool states, one check each.
 *
 * @example
 * ```ts
 * import { fileSpool } from '@messwerk/core/node'
 * import { spoolChecks } from '@messwerk/core/testing'
 *
 * let places = 0
 * const place = async () => { places += 1; const path = `place-${places}`; return { open: () => fileSpool({ path, fsync: 'each' }) } }
 * for (const check of spoolChecks({ place })) if (check.name.startsWith('L1')) await check.run()
 * ```
 */
export function spoolChecks(subject: SpoolSubject): Generator<Check> {
  return checksOf(rules, subject, subject.skip)
}

/**
 * Declares a test for each rule of the contract of a spool. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { fileSpool } from '@messwerk/core/node'
 * import { spoolSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const place = async () => ({ open: () => fileSpool({ path: 'spool' }) })
 * spoolSuite('fileSpool', { place }, { describe: (_, body) => body(), it })
 * names.length // => 11
 * ```
 */
export function spoolSuite(name: string, subject: SpoolSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a spool`, spoolChecks(subject), runner)
}

const rules: Readonly<Record<string, (on: SpoolSubject) => Promise<void>>> = {
  'L1 what is appended is read in order, equal, under positions one after the other': (on) =>
    onSpool(on, async (spool) => {
      const given = await Promise.all(sample.map((batch) => spool.append(batch, 5)))
      const records = await all(spool)
      const [first = 0] = given
      equal(
        given,
        Array.from(sample, (_, i) => (first as number) + i)
      )
      equal(positionsOf(records), given)
      equal(
        records.map(({ batch }) => textOf(batch)),
        sample.map(textOf)
      )
      equal(new Set(records.map(({ at }) => at)), new Set([5]))
    }),
  'L2 what was acknowledged is there when it is opened again': (on) =>
    onPlace(on, async (place) => {
      await filled(place, sample)
      await using(place, async (spool) => {
        equal(
          (await all(spool)).map(({ batch }) => textOf(batch)),
          sample.map(textOf)
        )
      })
    }),
  'L3 gives no position twice': (on) =>
    onPlace(on, async (place) => {
      const before = await filled(place, sample)
      await using(place, async (spool) => {
        await spool.release(before.at(-1) as number)
        const next = await spool.append(sample[0] as Batch)
        ok((next as number) > (before.at(-1) as number), `position ${next} comes after ${before.at(-1)}`)
      })
    }),
  'L4 is read on after a position': (on) =>
    onSpool(on, async (spool) => {
      const given = await appended(spool, sample)
      equal(positionsOf(await all(spool, given[2])), given.slice(3))
    }),
  'L5 a reader follows the writer until its signal aborts': (on) =>
    onSpool(on, async (spool) => {
      await appended(spool, sample.slice(0, 2))
      const abort = new AbortController()
      const seen: string[] = []
      const reading = (async () => {
        for await (const { batch } of spool.read({ signal: abort.signal })) {
          seen.push(textOf(batch))
          if (seen.length === sample.length) abort.abort()
        }
      })()
      await appended(spool, sample.slice(2))
      await Promise.race([reading, late()])
      equal(seen, sample.map(textOf))
    }),
  'L6 keeps what was not released': (on) =>
    onPlace(on, async (place) => {
      let given: number[] = []
      await using(place, async (spool) => {
        given = await appended(spool, sample)
        await spool.release(given[1] as number)
        equal(positionsOf(await all(spool, given[1])), given.slice(2))
      })
      await using(place, async (spool) => equal(positionsOf(await all(spool, given[1])), given.slice(2)))
    }),
  'L7 remembers where to read the source from, and the ids of its messages': (on) =>
    onPlace(on, async (place) => {
      await filled(place, [Object.assign({}, sample[0] as Batch, { ids: [41, 42] }), sample[3] as Batch])
      await using(place, async (spool) => {
        equal({ ...spool.positions }, { split: sample[3]?.position })
        equal(
          [41, 42, 43].map((id) => spool.hasSeen(id)),
          [true, true, false]
        )
      })
    }),
  'L8 keeps a text for its reader': (on) =>
    onPlace(on, async (place) => {
      await using(place, async (spool) => {
        strictEqual(spool.cursor, undefined)
        await spool.saveCursor('{"live":1}')
        await spool.saveCursor('{"live":2}')
      })
      await using(place, async (spool) => strictEqual(spool.cursor, '{"live":2}'))
    }),
  'L9 takes nothing after it was closed, and can be closed twice': (on) =>
    onPlace(on, async (place) => {
      const spool = await place.open()
      await spool.close()
      await spool.close()
      const refused = await spool.append(sample[0] as Batch).then(
        () => false,
        () => true
      )
      ok(refused, 'append rejects')
    }),
  'L10 events, refused payloads, sequence numbers, gaps and what is historical come back': (on) =>
    onSpool(on, async (spool) => {
      await spool.append(full)
      const [record] = await all(spool)
      const { batch } = record as SpoolRecord
      equal(extrasOf(batch), extrasOf(full))
      equal(textOf(batch), textOf(full))
    }),
  'L11 has one writer: a second one is refused, or the first can append no more': (on) =>
    onPlace(on, async (place) => {
      const first = await place.open()
      const second = await place.open().catch(() => undefined)
      const later = await first.append(sample[0] as Batch).then(
        () => 'taken',
        () => 'refused'
      )
      await second?.close()
      await first.close()
      ok(second === undefined || later === 'refused', 'two writers append to one spool')
    })
}

const sample: readonly Batch[] = Array.from({ length: 6 }, (_, i) => {
  const block = blockOf(
    { stream: `s${i % 2}`, channels: { a: 'V' }, rate: 10, start: i * 300 },
    { a: [i, -0, Number.NaN] }
  )
  return {
    split: 'split',
    position: 10 * i,
    blocks: [Object.assign({}, block, { origin: { split: 'split', position: 10 * i } })]
  }
})

const full: Batch = {
  split: 'split',
  position: 9,
  blocks: [
    Object.assign({}, sample[0]?.blocks[0], {
      gap: { scans: 7, cause: 'overflow' },
      origin: { split: 'other', position: 8, historical: true }
    })
  ],
  events: [
    {
      id: 'e',
      kind: 'notice',
      phase: 'begin',
      stream: 's0',
      rule: 'r',
      start: 5,
      score: Number.NaN,
      origin: { split: 'split', position: 9 }
    }
  ],
  rejected: [
    {
      error: new DecodeError('line/1', 'not JSON'),
      payload: Uint8Array.of(1, 2),
      from: 'line/1',
      position: 8,
      scans: 3
    }
  ],
  sequences: Float64Array.of(41, 44)
}

function extrasOf({ blocks, events, rejected, sequences }: Batch): unknown {
  return {
    marks: blocks.map(({ gap, origin }) => [gap, origin.split, origin.position, origin.historical]),
    events,
    rejected: rejected?.map((one) => [
      one.error.code,
      one.error.message,
      Array.from(one.payload),
      one.from,
      one.position,
      one.scans
    ]),
    sequences: Array.from(sequences ?? [])
  }
}

async function onPlace(on: SpoolSubject, check: (place: SpoolPlace) => Promise<void>): Promise<void> {
  const place = await on.place()
  try {
    await check(place)
  } finally {
    await place.remove?.()
  }
}

function onSpool(on: SpoolSubject, check: (spool: Spool) => Promise<void>): Promise<void> {
  return onPlace(on, (place) => using(place, check))
}

async function using(place: SpoolPlace, check: (spool: Spool) => Promise<void>): Promise<void> {
  const spool = await place.open()
  try {
    await check(spool)
  } finally {
    await spool.close()
  }
}

async function filled(place: SpoolPlace, batches: readonly Batch[]): Promise<number[]> {
  let given: number[] = []
  await using(place, async (spool) => {
    given = await appended(spool, batches)
  })
  return given
}

async function appended(spool: Spool, batches: readonly Batch[]): Promise<number[]> {
  return (await Promise.all(batches.map((batch) => spool.append(batch)))) as number[]
}

async function all(spool: Spool, from?: number): Promise<SpoolRecord[]> {
  const records: SpoolRecord[] = []
  for await (const record of spool.read({ from, follow: false })) records.push(record)
  return records
}

const positionsOf = (records: readonly SpoolRecord[]): number[] => records.map(({ position }) => position)
const textOf = ({ split, position, blocks }: Batch): string => `${split} ${position} ${blocks.map(blockText).join()}`
const late = (): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error('the reader did not end within 5000 ms')), 5000).unref())
