import { expect, it } from 'vitest'
import { openMetrics, pipeline, toEvents } from '../index.ts'
import {
  type Batch,
  type DeadLetter,
  DecodeError,
  type Gap,
  type MeasurementEvent,
  type Rejected,
  type Source
} from '../model/index.ts'
import { memoryCheckpoints, recordingSink } from '../testing/index.ts'
import { batchOf, collecting, listed, scans, until, withGap } from './fixtures/test-doubles.ts'

const error = new DecodeError('plant/a', 'not JSON')

function rejected(more: Partial<Rejected> = {}): Rejected {
  return { error, payload: Uint8Array.of(1, 2), from: 'plant/a', ...more }
}

function bad(position: number, ...payloads: readonly Rejected[]): Batch<'a'> {
  return { split: 'split', position, blocks: [], rejected: payloads }
}

async function gapsOf(batches: readonly Batch<'a'>[]): Promise<(Gap | undefined)[]> {
  const sink = collecting()
  await pipeline('p').from(listed(batches)).to(sink).start({ deadLetters: recordingSink() }).done
  return sink.blocks.map(({ gap }) => gap)
}

it('a payload that could not be decoded is buried with its own position, and its scans are missing', async () => {
  const letters = recordingSink<DeadLetter>()
  const sink = collecting()
  const run = pipeline('p')
    .from(
      listed([
        batchOf(scans(1, [1])),
        bad(4, rejected({ stream: 's', scans: 5, position: 3 }), rejected({ stream: 's', scans: 2 }), rejected()),
        batchOf(scans(5, [1], 'other')),
        batchOf(scans(6, [1])),
        batchOf(scans(7, [1]))
      ])
    )
    .to(sink)
    .start({ deadLetters: letters })
  let seen: unknown
  run.status$.subscribe(({ gaps }) => {
    seen = gaps
  })
  await run.done
  expect(letters.items.map(({ position }) => position)).toEqual([3, 4, 4])
  const gap = { scans: 7, cause: 'rejected' }
  expect(sink.blocks.map((block) => block.gap)).toEqual([undefined, undefined, gap, undefined])
  expect(run.metrics).toMatchObject({ rejected: 3, gaps: 1, missingScans: 7 })
  expect(openMetrics(run)).toContain('missing_scans_total{pipeline="p",source="listed"} 7')
  expect(seen).toEqual({
    listed: { count: 1, missingScans: 7, last: { stream: 's', ...gap, at: expect.any(Number) } }
  })
})

it('stands before the block behind it, of the same batch too where its position says so', async () => {
  const batch = (position?: number): Batch<'a'> => ({
    split: 'split',
    position: 3,
    blocks: [scans(1, [1]), scans(3, [1])],
    rejected: [rejected({ stream: 's', position })]
  })
  const unknown = { scans: 'unknown', cause: 'rejected' }
  const next = batchOf(scans(4, [1]))
  expect(await gapsOf([batch(2), next])).toEqual([undefined, unknown, undefined])
  expect(await gapsOf([batch(0), next])).toEqual([unknown, undefined, undefined])
  expect(await gapsOf([batch(), next])).toEqual([undefined, undefined, unknown])
})

it('is joined with what else is missing there', async () => {
  const before = batchOf(scans(1, [1]))
  const payload = rejected({ stream: 's', scans: 3 })
  const known = bad(2, payload)
  const unknown = bad(2, rejected({ stream: 's' }))
  const lost = batchOf(withGap(scans(3, [1]), 10))
  expect((await gapsOf([before, known, lost]))[1]).toEqual({ scans: 13, cause: 'lost' })
  expect((await gapsOf([before, unknown, lost]))[1]).toEqual({ scans: 'unknown', cause: 'lost' })
  expect(
    (await gapsOf([before, bad(2, payload, rejected({ stream: 's' }), payload), batchOf(scans(3, [1]))]))[1]
  ).toEqual({
    scans: 'unknown',
    cause: 'rejected'
  })
})

it('a skipped number of the publisher tells of the same scan as the payload that had it', async () => {
  const numbered = (position: number, from: number, gap?: Gap): Batch<'a'> => {
    const { stream, length, values, time, origin } = scans(position, [1])
    const block = { stream, length, values, time, quality: undefined, gap, origin }
    return { split: 'split', position, blocks: [block], sequences: Float64Array.of(from, from) }
  }
  const one = bad(2, rejected({ stream: 's', scans: 1 }))
  const second = async (...batches: Batch<'a'>[]): Promise<unknown> => (await gapsOf([numbered(1, 1), ...batches]))[1]
  expect(await second(one, numbered(3, 3))).toEqual({ scans: 1, cause: 'rejected' })
  expect(await second(one, numbered(3, 8))).toEqual({ scans: 6, cause: 'rejected' })
  expect(await second(one, numbered(3, 2))).toEqual({ scans: 1, cause: 'rejected' })
  // what the device lost before it numbered anything is missing beside
  expect(await second(numbered(3, 5, { scans: 10, cause: 'lost' }))).toEqual({ scans: 13, cause: 'lost' })
  expect(await second(numbered(3, 5, { scans: 1, cause: 'late' }))).toEqual({ scans: 3, cause: 'late' })
  expect(await second(numbered(3, 5, { scans: 'unknown', cause: 'lost' }))).toEqual({ scans: 'unknown', cause: 'lost' })
})

it('is declared after a kill in between, also for a stream that had no block before', async () => {
  const store = memoryCheckpoints()
  const sink = collecting()
  const start = (batches: readonly Batch<'a'>[]) => {
    const source: Source<'a'> = {
      id: 'plant',
      replay: 'position',
      async *read({ signal }) {
        yield* batches
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      }
    }
    return pipeline('p')
      .from(source)
      .to(sink)
      .start({ checkpoint: { store, every: '1h' }, deadLetters: recordingSink() })
  }
  const payloads = [rejected({ stream: 's', scans: 4 }), rejected({ stream: 'new', scans: 2 })]
  const first = start([batchOf(scans(1, [1])), bad(2, ...payloads)])
  await until(() => first.metrics.batches === 2)
  await first.checkpoint() // and killed: it is not stopped, and writes nothing any more
  const second = start([
    bad(3, rejected({ stream: 's', scans: 1 })),
    batchOf(scans(4, [1])),
    batchOf(scans(5, [1], 'new'))
  ])
  await until(() => second.metrics.batches === 3)
  await second.stop()
  expect(sink.blocks.map(({ gap }) => gap)).toEqual([
    undefined,
    { scans: 5, cause: 'rejected' },
    { scans: 2, cause: 'rejected' }
  ])
  await first.stop().catch(() => {})
})

it('is a notice where no block comes any more', async () => {
  const events = recordingSink<MeasurementEvent>()
  const run = pipeline('p')
    .from(listed([batchOf(scans(1, [1])), bad(2, rejected({ stream: 's', scans: 4 }))]))
    .events(toEvents({ of: 'a' }), events)
    .start({ deadLetters: recordingSink() })
  await run.done
  expect(events.items).toEqual([
    expect.objectContaining({
      id: 's/gap/split 2',
      kind: 'notice',
      stream: 's',
      rule: 'gap',
      origin: { split: 'split', position: 2 },
      data: { scans: 4, cause: 'rejected' }
    })
  ])
  expect(run.metrics.sources.listed).toMatchObject({ gaps: 1, missingScans: 4 })
})
