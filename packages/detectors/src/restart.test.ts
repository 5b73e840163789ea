// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { detect, toEvents, when } from '@messwerk/core'
import { type Block, type DetectorSpec, defineStream, fromText, type Kernel, toText } from '@messwerk/core/model'
import { type AnyOperator, blockText } from '@messwerk/core/testing'
import { arbitraryBlocks } from '@messwerk/core/testing/arbitraries'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { autoencoder } from './autoencoder/autoencoder.ts'
import { cusum } from './cusum/cusum.ts'
import { ewmaChart } from './ewma-chart/ewma-chart.ts'
import { halfSpaceTrees } from './half-space-trees/half-space-trees.ts'
import { isolationForest } from './isolation-forest/isolation-forest.ts'
import { localOutlierFactor } from './local-outlier-factor/local-outlier-factor.ts'
import { matrixProfile } from './matrix-profile/matrix-profile.ts'
import { nearestNeighbour } from './nearest-neighbour/nearest-neighbour.ts'
import { pageHinkley } from './page-hinkley/page-hinkley.ts'
import { spe } from './pca/spe.ts'
import { t2 } from './pca/t2.ts'
import { quantileBounds } from './quantile-bounds/quantile-bounds.ts'
import { randomCutForest } from './random-cut-forest/random-cut-forest.ts'
import { rateOfChange } from './rate-of-change/rate-of-change.ts'
import { robustZ } from './robust-z/robust-z.ts'
import { seedCompatible } from './seed-compatible/seed-compatible.ts'
import { stuckValue } from './stuck-value/stuck-value.ts'
import { subWindowPca } from './sub-window-pca/sub-window-pca.ts'
import { zScore } from './z-score/z-score.ts'

const channels = [
  { name: 'a', unit: 'V' },
  { name: 'b', unit: 'V', resolution: 0.1 },
  { name: 'running', unit: '1', role: 'flag' }
] as const
const streams = {
  uniform: defineStream({ id: 'pump-1', channels, rate: 100 }),
  events: defineStream({ id: 'pump-2', channels })
} as const

/** Small values with ties and outliers; the flag is on more often than not. */
function plausible(block: Block): Block {
  const flags = 2 * block.length
  const values = block.values.map((x, i) =>
    i < flags ? (x % 11) + (x % 1 > 0.9 ? 50 : 0) : Number(Math.abs(x) % 13 > 0.5)
  )
  return { ...block, values }
}

const given = (axis: 'uniform' | 'events'): fc.Arbitrary<[readonly Block[], number]> =>
  fc.tuple(
    arbitraryBlocks({ stream: streams[axis], axis, values: 'finite', maxBlocks: 20 }).map((all) => all.map(plausible)),
    fc.nat()
  )

/** All of a block, to the bit; which of its NaNs an engine takes for NaN is up to it. */
function textOf(block: Block): string {
  return blockText({ ...block, values: block.values.map((value) => (Number.isNaN(value) ? Number.NaN : value)) })
}

interface Lane {
  process(block: Block): readonly string[]
  snapshot(): unknown
  restore(state: unknown): void
}

function laneOf(operator: AnyOperator, axis: 'uniform' | 'events'): Lane {
  const kernel: Kernel = operator.kernel(streams[axis])
  const events = toEvents().kernel(kernel.output)
  return {
    process(block) {
      const out = kernel.process(block)
      const blocks: readonly Block[] = out === undefined ? [] : Array.isArray(out) ? out : [out as Block]
      const raised = blocks.flatMap((one) => events.process(one)).map((event) => toText(event))
      return blocks.map(textOf).concat(raised)
    },
    snapshot: () => [kernel.snapshot?.(), events.snapshot?.()],
    restore(state) {
      const [block, open] = state as [unknown, unknown]
      kernel.restore?.(block)
      events.restore?.(open)
    }
  }
}

function survives(lane: () => Lane, blocks: readonly Block[], cut: number): void {
  const through = lane()
  const whole = blocks.map((block) => through.process(block))
  const left = lane()
  const before = blocks.slice(0, cut).map((block) => left.process(block))
  const state = left.snapshot()
  const text = toText(state)
  for (const copy of [structuredClone(state), fromText(text), state]) {
    const right = lane()
    right.restore(copy)
    expect(before.concat(blocks.slice(cut).map((block) => right.process(block)))).toEqual(whole)
  }
  for (const block of blocks.slice(cut)) left.process(block)
  expect(toText(state)).toBe(text)
}

const specs: Readonly<Record<string, () => DetectorSpec>> = {
  zScore: () => zScore(),
  'zScore of the last 9 scans': () => zScore({ window: { scans: 9 } }),
  'zScore of the last 200 ms': () => zScore({ window: '200ms' }),
  robustZ: () => robustZ(),
  'robustZ of the last 9 scans': () => robustZ({ window: { scans: 9 } }),
  'robustZ of the last 200 ms': () => robustZ({ window: '200ms' })
}
/** Others: fewer runs each. */
const more: Readonly<Record<string, () => DetectorSpec>> = {
  autoencoder: () => autoencoder({ hidden: [3], epochs: 3, batch: 4 }),
  'autoencoder of windows': () => autoencoder({ hidden: [3], epochs: 3, batch: 4, window: { scans: 3 } }),
  cusum: () => cusum({ window: { scans: 9 } }),
  ewmaChart: () => ewmaChart(),
  pageHinkley: () => pageHinkley({ minScans: 5, threshold: 4 }),
  quantileBounds: () => quantileBounds({ window: { scans: 9 } }),
  rateOfChange: () => rateOfChange({ window: '200ms' }),
  seedCompatible: () => seedCompatible({ window: 4 })[0],
  stuckValue: () => stuckValue(),
  t2: () => t2({ minDeviation: 0.5 }),
  spe: () => spe({ components: 1 }),
  nearestNeighbour: () => nearestNeighbour({ reference: 8, k: 2, minDeviation: 0.5 }),
  localOutlierFactor: () => localOutlierFactor({ reference: 8, k: 2 }),
  isolationForest: () => isolationForest({ trees: 5, sample: 16 }),
  halfSpaceTrees: () => halfSpaceTrees({ trees: 3, height: 4, window: 10 }),
  randomCutForest: () => randomCutForest({ trees: 3, sample: 16 }),
  'randomCutForest with a shingle': () => randomCutForest({ trees: 3, sample: 16, shingle: 3 }),
  subWindowPca: () => subWindowPca({ window: { scans: 3 } }),
  matrixProfile: () => matrixProfile({ window: { scans: 4 }, history: { scans: 16 } })
}
const bands = { raise: 3, clear: 2, warn: 1, delay: '20ms' } as const

// biome-ignore format: one way of learning a line
const ways: Readonly<Record<string, (spec: DetectorSpec) => AnyOperator>> = {
  'learning always': (spec) => detect(spec, { learn: 'always', threshold: bands, explain: 'all' }),
  'learning scans, then frozen': (spec) => detect(spec, { learn: { scans: 12 }, threshold: bands, explain: 'all' }),
  'learning a time, then adapting': (spec) => detect(spec, { learn: '100ms', then: 'adapt', threshold: { raise: 3 } }),
  'while running': (spec) => when('running', detect(spec, { learn: { scans: 5 }, threshold: bands }), { settle: '20ms' })
}

describe.each(['uniform', 'events'] as const)('restarted on a stream of %s times', (axis) => {
  for (const [name, spec] of Object.entries({ ...specs, ...more })) {
    for (const [how, operator] of Object.entries(ways)) {
      it(`${name}, ${how}, goes on with the same bits and events`, () => {
        fc.assert(
          fc.property(given(axis), ([blocks, at]) =>
            survives(() => laneOf(operator(spec()), axis), blocks, at % (blocks.length + 1))
          ),
          { numRuns: name in more ? 15 : 60 }
        )
      })
    }
  }
})
