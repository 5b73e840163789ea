import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import { type Block, timeNs } from '../model/block.ts'
import { blockOf } from '../model/block-builder.ts'
import { sliceBlock } from '../model/cut.ts'
import type { Sink } from '../model/sink.ts'
import { type Check, checksOf, declareSuite, type Skips, type SuiteRunner } from './suite.ts'

/**
 * One row as it can be read back from a store.
 *
 * @example
 * ```ts
 * import type { StoredRow } from '@messwerk/core/testing'
 *
 * const row: StoredRow = { stream: 's', time: 0n, values: { a: 1.5, b: null } }
 * row.values['a'] // => 1.5
 * ```
 */
export interface StoredRow {
  readonly stream: string
  /** ns since the Unix epoch. */
  readonly time: bigint
  /** By channel; null or NaN = no value. */
  readonly values: Readonly<Record<string, number | null>>
}

/**
 * A sink of blocks to be checked, with a way to read back what is stored.
 *
 * @example
 * ```ts
 * import { recordingSink, type SinkSubject } from '@messwerk/core/testing'
 *
 * const subject: SinkSubject = { store: async () => ({ open: async () => recordingSink(), read: async () => [] }) }
 * typeof subject.store // => 'function'
 * ```
 */
export interface SinkSubject {
  /** A fresh, empty store. */
  store(): Promise<SinkStore>
  readonly skip?: Skips | undefined
}

/**
 * A store that sinks write to.
 *
 * @example
 * ```ts
 * import { recordingSink, type SinkStore } from '@messwerk/core/testing'
 *
 * const store: SinkStore = { open: async () => recordingSink(), read: async () => [] }
 * await store.read() // => []
 * ```
 */
export interface SinkStore {
  /** A sink on this store that has not been opened. */
  open(): Promise<Sink<Block>>
  /** Every row, in stored order. */
  read(): Promise<readonly StoredRow[]>
  /** Cleans up. */
  remove?(): Promise<void>
}

/**
 * Every rule that the contract of a sink of blocks states, one check each.
 *
 * @example
 * ```ts
 * import { recordingSink, sinkChecks } from '@messwerk/core/testing'
 *
 * const subject = { store: async () => ({ open: async () => recordingSink(), read: async () => [] }) }
 * const names = [...sinkChecks(subject)].map((check) => check.name)
 * names.includes('K6 can be closed twice') // => true
 * ```
 */
export function sinkChecks(subject: SinkSubject): Generator<Check> {
  return checksOf(rules, subject, subject.skip)
}

/**
 * Declares a test for each rule of the contract of a sink of blocks. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { recordingSink, sinkSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const subject = { store: async () => ({ open: async () => recordingSink(), read: async () => [] }) }
 * sinkSuite('recording', subject, { describe: (_, body) => body(), it })
 * names.length // => 8
 * ```
 */
export function sinkSuite(name: string, subject: SinkSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a sink`, sinkChecks(subject), runner)
}

const START = Date.UTC(2026, 0, 1)

/** 40 scans of two channels. */
function sample(stream = 'press-3', from = 0, value = (i: number): number => (from + i) * 1.25 - 3): Block {
  const scans = Array.from({ length: 40 }, (_, i) => i)
  const shape = { stream, channels: { force: 'kN', current: 'A' }, rate: 1000, start: START + from }
  return blockOf(shape, { force: scans.map(value), current: scans.map((i) => -value(i) / 3) })
}

const rules: Readonly<Record<string, (on: SinkSubject) => Promise<void>>> = {
  'K1 what is written can be read back, in order, to the ns and the bit': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [[sample()], [sample('press-3', 40), sample('press-3', 80)]])
      const rows = (await store.read()).map((row) => `${row.time} ${rowText(row)}`)
      const blocks = [sample(), sample('press-3', 40), sample('press-3', 80)]
      equal(
        rows,
        blocks.flatMap(rowsIn).map((row) => `${row.time} ${rowText(row)}`)
      )
    }),
  'K2 a missing value is read back as missing, never as 0': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [[sample('press-3', 0, (i) => (i % 7 === 3 ? Number.NaN : i))]])
      const missing = (await store.read()).filter(({ values }) => values.force === null || Number.isNaN(values.force))
      strictEqual(missing.length, 6)
    }),
  'K3 writing the same again changes nothing': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [[sample()], [sample()]])
      equal(await stored(store), rowsOf([sample()]))
    }),
  'K4 writing the same cut otherwise, with new scans behind it, adds only the new': (on) =>
    onStore(on, async (store) => {
      const block = sample()
      await writeAll(store, [[sliceBlock(block, 0, 25)], [sliceBlock(block, 10, 17), sliceBlock(block, 17, 40)]])
      equal(await stored(store), rowsOf([block]))
    }),
  'K5 a new sink on the same store goes on where the first ended': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [[sample()]])
      await writeAll(store, [[sample(), sample('press-3', 40)]])
      equal(await stored(store), rowsOf([sample(), sample('press-3', 40)]))
    }),
  'K6 can be closed twice': (on) =>
    onStore(on, async (store) => {
      const sink = await store.open()
      await sink.open?.(alive())
      await sink.write([sample()], alive())
      await sink.close?.()
      await sink.close?.()
      equal(await stored(store), rowsOf([sample()]))
    }),
  'K7 streams do not mix': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [
        [sample('one'), sample('two')],
        [sample('two', 40), sample('one', 40)]
      ])
      for (const stream of ['one', 'two']) {
        const rows = (await stored(store)).filter((row) => row.startsWith(`${stream} `))
        equal(rows, rowsOf([sample(stream), sample(stream, 40)]))
      }
    }),
  'K8 a write of nothing does nothing': (on) =>
    onStore(on, async (store) => {
      await writeAll(store, [[], [sample()], []])
      ok((await store.read()).length > 0)
    })
}

const alive = (): AbortSignal => new AbortController().signal

async function onStore(on: SinkSubject, check: (store: SinkStore) => Promise<void>): Promise<void> {
  const store = await on.store()
  try {
    await check(store)
  } finally {
    await store.remove?.()
  }
}

async function writeAll(store: SinkStore, writes: readonly (readonly Block[])[]): Promise<void> {
  const sink = await store.open()
  await sink.open?.(alive())
  try {
    for (const blocks of writes) await sink.write(blocks, alive())
  } finally {
    await sink.close?.()
  }
}

async function stored(store: SinkStore): Promise<string[]> {
  return (await store.read()).map(rowText)
}

function rowsOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap(rowsIn).map(rowText)
}

function rowsIn(block: Block): StoredRow[] {
  return Array.from({ length: block.length }, (_, i) => ({
    stream: block.stream.id,
    time: timeNs(block, i),
    values: Object.fromEntries(
      block.stream.channels.map(({ name }, c) => [name, block.values[c * block.length + i] as number])
    )
  }))
}

/** Stream, ms and values; that times are kept to the ns is K1's own rule. */
function rowText({ stream, time, values }: StoredRow): string {
  const cells = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  return `${stream} ${time / 1_000_000n} ${cells.sort().join(' ')}`
}
