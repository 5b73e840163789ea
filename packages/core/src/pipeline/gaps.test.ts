import { expect, it } from 'vitest'
import { detect, type Log, mean, openMetrics, pipeline, scale } from '../index.ts'
import { type Batch, type Block, type GapCause, type Source, sliceBlock, timeOf, withGap } from '../model/index.ts'
import { distance } from '../operators/fixtures/distance-detector.ts'
import { memoryCheckpoints } from '../testing/memory-checkpoints.ts'
import { batchOf, collecting, listed, scans, until } from './fixtures/test-doubles.ts'

const causes: readonly GapCause[] = ['lost', 'sequence', 'resync', 'overflow', 'shed', 'late', 'reconnect', 'rejected']

/** 40 scans of 1 kHz a block; before every block but the first, 10 scans are missing for another reason. */
function torn(): Batch<'a'>[] {
  return [undefined, ...causes].map((cause, i) => {
    const { stream, length, values, time } = scans(
      i * 50,
      Array.from({ length: 40 }, (_, k) => Math.sin(k))
    )
    const origin = { split: 'split', position: i, positions: undefined }
    const gap = cause && { scans: 10, cause }
    return batchOf({ stream, length, values, time, quality: undefined, gap, origin })
  })
}

const gapsOf = (blocks: readonly Block[]): unknown[] => blocks.flatMap(({ gap }) => gap ?? [])

it('a hole of any cause goes through every operator to every sink, and into log, metrics and text', async () => {
  const lines: string[] = []
  const log: Log = { info: () => {}, warn: (line) => lines.push(line), error: () => {} }
  const raw = collecting()
  const windows = collecting()
  const scored = collecting()
  const run = pipeline('p')
    .from(listed(torn()))
    .pipe(scale({ channels: { a: { factor: 2 } } }))
    .to(raw)
    .branch((side) => side.pipe(mean({ window: '10ms' })).to(windows))
    .pipe(detect(distance(), { learn: { scans: 8 }, threshold: { raise: 100 } }))
    .to(scored)
    .start({ log })
  await run.done
  const expected = causes.map((cause) => ({ scans: 10, cause }))
  expect(gapsOf(raw.blocks)).toEqual(expected)
  expect(gapsOf(scored.blocks)).toEqual(expected)
  // a window counts in its own scans: the hole takes one, and the window in which it ends is left out as well
  expect(gapsOf(windows.blocks).map((gap) => (gap as { cause: string }).cause)).toEqual(causes)
  expect(lines).toEqual(causes.map((cause) => `s: gap of 10 scans (${cause})`))
  expect(run.metrics).toMatchObject({ gaps: 8, missingScans: 80 })
  expect(run.metrics.sources.listed).toMatchObject({ gaps: 8, missingScans: 80, late: 1 })
  expect(openMetrics(run)).toContain('messwerk_source_missing_scans_total{pipeline="p",source="listed"} 80\n')
})

it('no window holds scans from both sides of a hole', async () => {
  const windows = collecting()
  await pipeline('p')
    .from(listed(torn()))
    .pipe(mean({ window: '16ms' }))
    .to(windows)
    .start().done
  const holes = causes.map((_, i) => 40 + i * 50)
  const ends = windows.blocks.flatMap((block) => Array.from({ length: block.length }, (_, k) => timeOf(block, k)))
  expect(ends.length).toBeGreaterThan(10)
  for (const end of ends) for (const hole of holes) expect(end - 16 < hole && end > hole).toBe(false)
})

it('what is held across a hole is held on purpose: a longer hole makes a detector learn anew', async () => {
  const scores = (maxGap: '5ms' | '1s'): Promise<Float64Array[]> => {
    const scored = collecting()
    const watched = detect(distance(), { learn: { scans: 30 }, maxGap })
    const run = pipeline('p').from(listed(torn())).pipe(watched).to(scored).start()
    return run.done.then(() => scored.blocks.map(({ values, length }) => values.slice(length)))
  }
  const [held, anew] = [await scores('1s'), await scores('5ms')]
  expect(held[1]?.some(Number.isNaN)).toBe(false)
  expect(Array.from(anew[1] ?? []).filter(Number.isNaN)).toHaveLength(30)
})

it('a hole that no block could carry yet survives a restart', async () => {
  const [first, second, third] = torn() as [Batch<'a'>, Batch<'a'>, Batch<'a'>]
  const before = [short(first), short(second)]
  const after = [batchOf(withGap(third.blocks[0] as Block<'a'>, undefined))]
  const gaps = async (...parts: readonly (readonly Batch<'a'>[])[]): Promise<unknown[]> => {
    const store = memoryCheckpoints()
    const windows = collecting()
    for (const batches of parts) {
      const flow = pipeline('p')
        .from(gate(batches))
        .pipe(mean({ window: '10ms' }))
        .to(windows)
      const run = flow.start({ checkpoint: { store } })
      await until(() => run.metrics.batches === batches.length)
      await run.stop()
    }
    return gapsOf(windows.blocks)
  }
  const uninterrupted = await gaps([...before, ...after])
  expect(uninterrupted).toContainEqual({ scans: 'unknown', cause: 'lost' })
  expect(await gaps(before, after)).toEqual(uninterrupted)
})

it('what a publisher numbered and nobody got is a hole, also when it went missing while nothing ran', async () => {
  const store = memoryCheckpoints()
  const sink = collecting()
  const numbered = (position: number, from: number, to: number): Batch<'a'> => {
    const block = scans(
      position,
      Array.from({ length: to - from + 1 }, (_, i) => from + i)
    )
    return { split: 'split', position, blocks: [block], sequences: Float64Array.of(from, to) }
  }
  const part = async (...batches: Batch<'a'>[]): Promise<unknown> => {
    const run = pipeline('p').from(gate(batches)).to(sink).start({ checkpoint: { store } })
    await until(() => run.metrics.batches === batches.length)
    await run.stop()
    return run.metrics.sources.plant?.missingScans
  }
  expect(await part(numbered(1, 1, 4), numbered(2, 5, 5))).toBe(0)
  expect(await part(numbered(3, 9, 9), numbered(4, 10, 12))).toBe(3)
  expect(sink.blocks.map(({ gap }) => gap)).toEqual([undefined, undefined, { scans: 3, cause: 'sequence' }, undefined])
})

/** The first 5 scans: too few for a window. */
function short(batch: Batch<'a'>): Batch<'a'> {
  return batchOf(sliceBlock(batch.blocks[0] as Block<'a'>, 0, 5))
}

/** Hands over these batches, then waits. */
function gate(batches: readonly Batch<'a'>[]): Source<'a'> {
  return {
    id: 'plant',
    replay: 'position',
    async *read({ signal }) {
      yield* batches
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    }
  }
}
