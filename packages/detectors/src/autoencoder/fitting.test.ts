import { describe, expect, it } from 'vitest'
import { initialNetwork } from '../network/initial-network.ts'
import { Random } from '../statistics/random.ts'
import { type EpochReport, Fitting } from './fitting.ts'
import type { Reconstruction } from './reconstruction.ts'
import { settledOptions } from './settled-options.ts'

const LENGTH = 400
const WIDTH = 3
/** The end of each tenth: what is held back of 400 rows. */
const isHeld = (row: number): boolean => row % 40 >= 36

function noise(seed: number): Float64Array {
  const random = new Random(seed)
  return Float64Array.from({ length: LENGTH * WIDTH }, () => random.normal())
}

function trained(options: object, rows: Float64Array): { learned: Reconstruction; reports: readonly EpochReport[] } {
  const scans = { rows, length: LENGTH, seconds: Float64Array.from({ length: LENGTH }, (_, i) => i) }
  const fitting = new Fitting(settledOptions(options), new Float64Array(WIDTH), scans)
  const reports: EpochReport[] = []
  while (!fitting.isDone) {
    const report = fitting.step()
    if (report) reports.push(report)
  }
  return { learned: fitting.result!, reports }
}

describe('a fit', () => {
  it('keeps the weights of the epoch that was best on what was held back, and stops `patience` epochs later', () => {
    const rows = noise(1)
    const options = { hidden: [30, 30], rate: 0.03, patience: 7, epochs: 500 }
    const { learned, reports } = trained(options, rows)
    const best = reports.reduce((one, other) => (other.heldBack! < one.heldBack! ? other : one))
    expect(reports.length).toBe(best.epoch + 7)
    expect(reports.length).toBeLessThan(500)
    const held = [...Array(LENGTH).keys()].filter(isHeld)
    const mean = held.reduce((sum, r) => sum + learned.distance(rows, r * WIDTH) ** 2, 0) / held.length
    expect(mean).toBeCloseTo(best.heldBack!, 12)
  })

  it('does not train on what is held back', () => {
    const options = { scaler: 'none', epochs: 1 }
    const weights = (change: (row: number) => boolean): readonly Float64Array[] => {
      const rows = noise(2).map((x, k) => (change(Math.floor(k / WIDTH)) ? 2 * x : x))
      return trained(options, rows).learned.network.layers.map((layer) => layer.weights)
    }
    const untouched = weights(() => false)
    expect(weights(isHeld)).toEqual(untouched)
    expect(weights((row) => row === 35)).not.toEqual(untouched)
    expect(weights((row) => row === 40)).not.toEqual(untouched)
  })

  it('goes through the rows in another order each epoch, and with another seed', () => {
    const rows = noise(3)
    const losses = (options: object) => trained({ epochs: 3, ...options }, rows).reports.map(({ loss }) => loss)
    expect(losses({})).toEqual(losses({}))
    expect(losses({ seed: 1 })).not.toEqual(losses({}))
    expect(losses({ batch: 400, holdBack: 0 })).toHaveLength(3)
  })

  it('moves no weight for a value that is missing, where it goes in and where it comes out', () => {
    const rows = noise(4).map((x, k) => (k % WIDTH === 1 ? Number.NaN : x))
    const options = settledOptions({ hidden: [5], epochs: 4, holdBack: 0 })
    const sizes = [WIDTH, 5, WIDTH]
    const first = initialNetwork(sizes, options.activation, options.output, new Random(0)).layers
    const { layers } = trained({ hidden: [5], epochs: 4, holdBack: 0 }, rows).learned.network
    const into = (of: typeof layers, input: number) => of[0]!.weights.filter((_, w) => w % WIDTH === input)
    const outOf = (of: typeof layers, output: number) => of[1]!.weights.slice(output * 5, output * 5 + 5)
    for (const channel of [0, 1, 2]) {
      const isMissing = channel === 1
      expect(into(layers, channel)).toHaveLength(5)
      expect(String(into(layers, channel)) === String(into(first, channel))).toBe(isMissing)
      expect(String(outOf(layers, channel)) === String(outOf(first, channel))).toBe(isMissing)
    }
  })
})
