// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { detect, mean } from '@messwerk/core'
import { blockOf, column } from '@messwerk/core/model'
import { quantile, robustZ } from '@messwerk/detectors'
import { lastValueFrom, of } from 'rxjs'
import { expect, it } from 'vitest'
import { fitted } from './score.ts'
import { shuffled } from './shuffled.ts'
import { flagsByRule } from './skab-rule.ts'
import { range, rowsOf, samplesOf } from './table.ts'

const TRAIN = 400
const ROWS = 900

/** Noise, a slow drift, and a step of some length. */
const level = (seed: number): number[] =>
  Array.from(shuffled(ROWS, seed), (place, i) => place / ROWS + i / 4000 + (i >= 600 && i < 700 ? 0.9 : 0))

it('is a pipeline of operators: means of 15 rows, a detector that goes on learning, a fixed limit', async () => {
  const a = level(1)
  const b = level(2)
  const all = samplesOf(
    [
      ['a', a],
      ['b', b]
    ],
    ROWS
  )
  const candidate = { name: 'robustZ', isSeeded: false, scale: 'distance', spec: () => robustZ() } as const
  const flags = flagsByRule(candidate, all, TRAIN)

  const block = blockOf({ stream: 'rig', channels: { a: '1', b: '1' }, rate: 1 }, { a, b })
  const means = await lastValueFrom(of(block).pipe(mean({ window: { scans: 15 }, hop: { scans: 1 } })))
  const smooth = samplesOf(
    [
      ['a', column(means, 'a.mean')],
      ['b', column(means, 'b.mean')]
    ],
    means.length
  )
  const learned = rowsOf(smooth, range(0, TRAIN - 14))
  const threshold = quantile({ q: 0.95, factor: 1.75 }).create()
  threshold.calibrate?.(
    fitted(robustZ(), learned).score(learned),
    Float64Array.from({ length: TRAIN - 14 }, (_, i) => i)
  )
  const watch = detect(robustZ(), {
    learn: { scans: TRAIN - 14 },
    then: 'adapt',
    threshold: { raise: threshold.limit }
  })
  const watched = column(await lastValueFrom(of(means).pipe(watch)), 'score.flag')

  expect(Array.from(watched.subarray(TRAIN - 14), (flag) => (flag === 2 ? 1 : 0))).toEqual(Array.from(flags))
  expect(flags.subarray(210, 300).every((flag) => flag === 1)).toBe(true)
  expect(flags.subarray(0, 190).filter((flag) => flag === 1).length).toBeLessThan(19)
})
