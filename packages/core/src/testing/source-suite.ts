import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import { type Block, timeNs } from '../model/block.ts'
import { isSdkError } from '../model/errors.ts'
import type { Batch, Positions, Source, Splits } from '../model/source.ts'
import { type Check, checksOf, declareSuite, type Skips, type SuiteRunner } from './suite.ts'

/**
 * A source to be checked.
 *
 * @example
 * ```ts
 * import { pushSource } from '@messwerk/core'
 * import type { SourceSubject } from '@messwerk/core/testing'
 *
 * const subject: SourceSubject = { open: () => pushSource({ stream: 's', channels: { a: 'V' } }), skip: { S8: 'not replayable' } }
 * typeof subject.open // => 'function'
 * ```
 */
export interface SourceSubject {
  /** A fresh source that delivers at least two batches, and ends by itself unless `take` is given. */
  open(): Source | Promise<Source>
  /** Batches to read before the signal aborts, for a source that does not end by itself. */
  readonly take?: number | undefined
  /** Scans that a whole read delivers, if that is known; the declared missing ones count. */
  readonly scans?: number | undefined
  /** A source whose peer is not there. */
  unreachable?(): Source | Promise<Source>
  /** Most that an abort or an error may take, ms. @defaultValue 5000 */
  readonly timeoutMs?: number | undefined
  readonly skip?: Skips | undefined
}

/**
 * Every rule that the contract of a source states, one check each.
 *
 * @example
 * ```ts
 * import { sourceChecks } from '@messwerk/core/testing'
 * import { blockOf } from '@messwerk/core/model'
 *
 * const block = blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2] })
 * const open = () => ({ id: 'one', replay: 'none' as const, async *read() { yield { split: 's', position: 1, blocks: [block] } } })
 * for (const check of sourceChecks({ open })) if (check.name.startsWith('S3')) await check.run()
 * ```
 */
export function sourceChecks(subject: SourceSubject): Generator<Check> {
  const skip: Record<string, string> = { ...subject.skip }
  if (!subject.unreachable) skip.S6 ??= 'it has no peer that could be missing'
  if (subject.scans === undefined) skip.S7 ??= 'how many scans it delivers is not known'
  return checksOf(rules, subject, skip)
}

/**
 * Declares a test for each rule of the contract of a source. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { pushSource } from '@messwerk/core'
 * import { sourceSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const open = () => pushSource({ stream: 's', channels: { a: 'V' } })
 * sourceSuite('pushSource', { open }, { describe: (_, body) => body(), it })
 * names.includes('S1 does nothing before it is read') // => true
 * ```
 */
export function sourceSuite(name: string, subject: SourceSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a source`, sourceChecks(subject), runner)
}

const rules: Readonly<Record<string, (on: SourceSubject) => Promise<void>>> = {
  'S1 does nothing before it is read': async (on) => {
    const source = await on.open()
    ok(['position', 'session', 'none'].includes(source.replay), `replay is '${source.replay}'`)
    const iterable = source.read({ signal: AbortSignal.abort(), from: {}, splits: idle })
    strictEqual(typeof iterable[Symbol.asyncIterator], 'function', 'read() returns an async iterable')
    for await (const batch of iterable) checkBatch(batch)
  },
  'S2 positions increase within each split': async (on) => {
    const last = new Map<string, number>()
    for (const { split, position } of await read(on)) {
      ok(Number.isSafeInteger(position), `position ${position} of split '${split}' is a safe integer`)
      ok(position > (last.get(split) ?? -1), `position ${position} of split '${split}' comes after ${last.get(split)}`)
      last.set(split, position)
    }
    ok(last.size > 0, 'it delivers something')
  },
  'S3 blocks are well formed and say where they came from': async (on) => {
    for (const batch of await read(on)) checkBatch(batch)
  },
  'S4 the time of a stream never goes back': async (on) => {
    const last = new Map<string, bigint>()
    for (const { split, blocks } of await read(on)) {
      for (const block of blocks) {
        const key = `${split}/${block.stream.id}`
        for (let i = 0; i < block.length; i += 1) {
          const time = timeNs(block, i)
          ok(
            time >= (last.get(key) ?? time),
            `scan ${i} of a block of '${block.stream.id}' lies before the scan before it`
          )
          last.set(key, time)
        }
      }
    }
  },
  'S5 ends soon after its signal aborts': async (on) => {
    const source = await on.open()
    const abort = new AbortController()
    const iterator = source.read({ signal: abort.signal, from: {}, splits: idle })[Symbol.asyncIterator]()
    await iterator.next()
    abort.abort()
    const rest = async (): Promise<void> => {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) checkBatch(next.value)
    }
    await within(rest(), on, 'the end after an abort')
  },
  'S6 a missing peer is one error that says whether to try again': async (on) => {
    const source = await on.unreachable?.()
    const reading = read({ open: () => source as Source, take: on.take }).then(
      () => undefined,
      (error: unknown) => error
    )
    const error = await within(reading, on, 'an error')
    ok(isSdkError(error), `the error is one of the SDK's tree, got ${String(error)}`)
    ok(error.message.length > 0 && typeof error.retryable === 'boolean')
  },
  'S7 every scan is delivered or declared missing, however slowly it is asked': async (on) => {
    let scans = 0
    for (const { blocks } of await read(on, {}, 5)) {
      for (const { length, gap } of blocks) scans += length + (gap === undefined ? 0 : Number(gap.scans))
    }
    strictEqual(scans, on.scans)
  },
  'S8 read from a position, it goes on after it with the same values and times': async (on) => {
    const whole = await read(on)
    ok(whole.length >= 2, 'needs at least two batches')
    const at = whole[Math.floor(whole.length / 2) - 1] as Batch
    const rest = await read(on, { [at.split]: at.position })
    const after = whole.filter(({ split, position }) => split !== at.split || position > at.position)
    equal(scansOf(rest), scansOf(after))
  },
  'S9 a block is not changed after it was handed over': async (on) => {
    const kept: { readonly block: Block; readonly values: Float64Array }[] = []
    await read(on, {}, 0, ({ blocks }) => {
      for (const block of blocks) kept.push({ block, values: block.values.slice() })
    })
    for (const { block, values } of kept) equal(block.values, values)
  }
}

const idle: Splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

async function read(
  on: SourceSubject,
  from: Positions = {},
  pauseMs = 0,
  look: (batch: Batch) => void = () => {}
): Promise<Batch[]> {
  const source = await on.open()
  const abort = new AbortController()
  const splits: Splits = { assigned: async (split) => from[split], revoked: async () => {}, lost: () => {} }
  const batches: Batch[] = []
  for await (const batch of source.read({ signal: abort.signal, from, splits })) {
    look(batch)
    batches.push(copyOf(batch))
    if (batches.length === on.take) abort.abort()
    if (pauseMs > 0 && batches.length < 10) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return batches
}

/** The batch object is kept, its blocks are those that were handed over. */
function copyOf({ split, position, blocks, events, ids, redelivered, rejected }: Batch): Batch {
  return { split, position, blocks: Array.from(blocks), events, ids, redelivered, rejected }
}

function checkBatch({ split, blocks }: Batch): void {
  for (const { stream, length, values, quality, time, origin } of blocks) {
    ok(Number.isInteger(length) && length > 0, `a block of '${stream.id}' has ${length} scans`)
    strictEqual(values.length, stream.channels.length * length, `values of a block of '${stream.id}'`)
    if (quality) strictEqual(quality.length, values.length, `quality of a block of '${stream.id}'`)
    if (time.offsets) strictEqual(time.offsets.length, length, `offsets of a block of '${stream.id}'`)
    else ok(time.period > 0, `period of a block of '${stream.id}'`)
    ok(time.uncertainty >= 0, `uncertainty of a block of '${stream.id}'`)
    strictEqual(origin.split, split, `split of a block of '${stream.id}'`)
  }
}

function scansOf(batches: readonly Batch[]): string[] {
  return batches.flatMap(({ split, blocks }) =>
    blocks.flatMap((block) =>
      Array.from({ length: block.length }, (_, i) => {
        const values = block.stream.channels.map((_channel, c) => String(block.values[c * block.length + i]))
        return `${split} ${block.stream.id} ${timeNs(block, i)} ${values.join(' ')}`
      })
    )
  )
}

async function within<T>(work: Promise<T>, { timeoutMs = 5000 }: SourceSubject, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${timeoutMs} ms`)), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
