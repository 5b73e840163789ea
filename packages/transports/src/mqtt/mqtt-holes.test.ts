import { pipeline } from '@messwerk/core'
import type { Block, DeadLetter } from '@messwerk/core/model'
import { memoryCheckpoints, recordingSink } from '@messwerk/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { json } from '../payload/json-payload.ts'
import type { FakeBroker } from './fixtures/fake-broker.ts'
import { until } from './fixtures/reader.ts'
import { broker, message, payload, sourceOn } from './fixtures/source-bench.ts'

const counted = json({ channels: { t: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' })
const runs: { stop(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.stop()))
})

/** A process that reads a broker; several share what is durable. */
function processes(on: FakeBroker, decoder = payload) {
  const [store, sink, deadLetters] = [memoryCheckpoints(), recordingSink<Block>(), recordingSink<DeadLetter>()]
  const start = async () => {
    const before = on.received.filter(({ cmd }) => cmd === 'pingreq').length
    const run = pipeline('p')
      .from(sourceOn(on, { payload: decoder }))
      .to(sink)
      .start({ deadLetters, checkpoint: { store } })
    runs.push(run)
    await until(() => on.received.filter(({ cmd }) => cmd === 'pingreq').length > before, 'subscribed')
    return run
  }
  const rows = () =>
    sink.items.flatMap(({ values, gap }) => [...(gap ? [`${gap.scans} ${gap.cause}`] : []), ...Array.from(values)])
  return { start, rows, deadLetters }
}

describe('the hole of a message that became a dead letter', () => {
  it('lies between what came before and after it', async () => {
    const on = await broker()
    const { start, rows, deadLetters } = processes(on)
    await start()
    on.publish('line/m1', message(1))
    on.publish('line/m1', '[{"ts":1001,"t":1},{"ts":1002,"t":"hot"}]')
    on.publish('line/m1', message(3))
    await until(() => rows().length === 3, 'two values and a gap')
    expect(rows()).toEqual([1, '2 rejected', 3])
    expect(deadLetters.items.map(({ position }) => position)).toEqual([1])
  })

  it.each([
    ['that could not be decoded', '{"ts":1002,"t":"hot"}', 'rejected'],
    ['that was late', message(-500), 'late']
  ])('%s is declared by the next process, too', async (_, bad, cause) => {
    const on = await broker()
    const { start, rows, deadLetters } = processes(on)
    const first = await start()
    on.publish('line/m1', message(1))
    on.publish('line/m1', bad)
    await until(() => deadLetters.items.length === 1, 'a dead letter')
    await first.stop()
    await start()
    on.publish('line/m1', message(3))
    await until(() => rows().length === 3, 'two values and a gap')
    expect(rows()).toEqual([1, `1 ${cause}`, 3])
  })

  it('is declared once where the publisher counts, by the next process too', async () => {
    const on = await broker()
    const { start, rows, deadLetters } = processes(on, counted)
    const first = await start()
    for (const text of [message(1), '{"ts":1002,"t":"hot"}', message(3), '{"ts":1004,"t":"hot"}'])
      on.publish('line/m1', text)
    await until(() => deadLetters.items.length === 2 && rows().length === 3, 'two dead letters')
    await first.stop()
    await start()
    on.publish('line/m1', '{"ts":1005,"t":"hot"}')
    on.publish('line/m1', message(6))
    await until(() => rows().length === 5, 'three values and two gaps')
    expect(rows()).toEqual([1, '1 rejected', 3, '2 rejected', 6])
  })

  it('that counts anew while nobody reads is declared', async () => {
    const on = await broker()
    const { start, rows } = processes(on, counted)
    const first = await start()
    on.publish('line/m1', message(7))
    await until(() => rows().length === 1, 'a value')
    await first.stop()
    await start()
    on.publish('line/m1', '{"ts":2000,"t":1,"seq":1}')
    await until(() => rows().length === 3, 'a value behind a gap')
    expect(rows()).toEqual([7, 'unknown sequence', 1])
  })
})
