// The parts of the oracle over Kafka that need no broker.
import { expect, it } from 'vitest'
import { cliOptions } from './cli-options.ts'
import { withoutGaps } from './kafka-feed.ts'
import { mergeStored } from './merge-stored.ts'
import { PartReader } from './part-reader.ts'
import type { Stored, StoredEvent } from './stored.ts'
import { emptyVerdict } from './verdict.ts'

const row = (id: number, v = 1) => ({ stream: ['m'], ms: [id], id: [id], v: [v] })
const nothing: Stored = {
  rows: { stream: [], ms: [], id: [], v: [] },
  gaps: [],
  windows: [],
  events: [],
  repeatedLines: 0
}
const begin: StoredEvent = { id: 'e', kind: 'anomaly', phase: 'begin', stream: 'm', start: 1 }
const end: StoredEvent = { ...begin, phase: 'end', peak: 2, end: 3, value: 4 }

it('joins what two processes have stored, by key and content', () => {
  const window = { stream: 'm', ms: 1000, value: 5 }
  const first: Stored = { ...nothing, rows: row(1), windows: [window], events: [end] }
  const second: Stored = { ...nothing, rows: row(1), windows: [window, { ...window, ms: 2000 }], events: [begin] }
  const { rows, windows, events, repeatedLines } = mergeStored([first, second])
  expect([rows.id, windows.length, events, repeatedLines]).toEqual([[1], 2, [end], 2])
})

it('keeps what differs under one key, for the judge to find', () => {
  const { rows, events } = mergeStored([
    { ...nothing, rows: row(1), events: [end] },
    { ...nothing, rows: row(1, 2), events: [{ ...end, value: 5 }] }
  ])
  expect([rows.v, events.length]).toEqual([[1, 2], 2])
})

it('counts as lost what is declared missing: a log has it', () => {
  const verdict = withoutGaps({ ...emptyVerdict(10), lost: 1, declaredGaps: 2 })
  expect([verdict.lost, verdict.findings.length]).toEqual([3, 1])
})

const message = (offset: number) => ({ key: Buffer.from('m'), value: Buffer.from('{"v":1}'), offset: `${offset}` })

it('reads each message of a partition once, and notices one that was passed over', () => {
  const taken: string[] = []
  const part = new PartReader(0, 2)
  const take = (_: unknown, text: string): void => void taken.push(text)
  for (const offset of [0, 0, 1, 0]) part.take(message(offset), take)
  expect([taken, part.isRead]).toEqual([['m {"v":1}', 'm {"v":1}'], true])
  expect(() => new PartReader(0, 2).take(message(1), take)).toThrow('read 1 of partition 0 before 0')
})

it('chooses brokers and checkpoints by the faults, and refuses what cannot be', () => {
  const of = (...args: string[]) => cliOptions(['--source', 'kafka', ...args])
  expect(of('--faults', 'kill')).toMatchObject({ brokers: 1, checkpoints: 'file' })
  expect(of('--faults', 'leader,rebalance')).toMatchObject({ brokers: 3, checkpoints: 'kafka' })
  expect(of('--checkpoints', 'kafka')).toMatchObject({ brokers: 1, checkpoints: 'kafka' })
  expect(() => of('--faults', 'rebalance', '--checkpoints', 'file')).toThrow("one of kafka, got 'file'")
  expect(() => of('--checkpoints', 'kafka', '--spool')).toThrow('--spool')
  expect(() => cliOptions(['--source', 'file', '--sink', 'kafka'])).toThrow('--sink kafka needs --source kafka')
})
