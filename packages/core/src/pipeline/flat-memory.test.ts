import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

interface Traffic {
  readonly samples: readonly { readonly blocks: number; readonly heap: number; readonly rss: number }[]
  readonly asked: number
  readonly askedWhilePaused: number
  readonly stored: number
  readonly isComplete: boolean
  readonly largestUnsettledBytes: number
  readonly pausedMs: number
}

async function traffic(...args: string[]): Promise<Traffic> {
  const script = `${import.meta.dirname}/fixtures/traffic.ts`
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--import', 'tsx', script, ...args])
  return JSON.parse(stdout) as Traffic
}

/** Growth over the whole run in MiB, by least squares, with its 95 % interval. */
function growth(points: readonly (readonly [x: number, y: number])[]): { readonly from: number; readonly to: number } {
  const n = points.length
  const mx = points.reduce((sum, [x]) => sum + x, 0) / n
  const my = points.reduce((sum, [, y]) => sum + y, 0) / n
  const sxx = points.reduce((sum, [x]) => sum + (x - mx) * (x - mx), 0)
  const slope = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / sxx
  const residual = points.reduce((sum, [x, y]) => sum + (y - my - slope * (x - mx)) ** 2, 0)
  const error = 1.98 * Math.sqrt(residual / (n - 2) / sxx)
  const span = ((points[n - 1]?.[0] as number) - (points[0]?.[0] as number)) / 2 ** 20
  return { from: (slope - error) * span, to: (slope + error) * span }
}

const warm = ({ samples }: Traffic): Traffic['samples'] => samples.slice(Math.floor(samples.length / 4))
const heapGrowth = (of: Traffic): { readonly from: number; readonly to: number } =>
  growth(warm(of).map(({ blocks, heap }) => [blocks, heap]))

/** MiB over the whole run; the planted leak is more than ten times as much. */
const FLAT = 1

describe('ten minutes of 384 k values/s into a slow sink', () => {
  it('lose nothing, ask for no more than the credit, and leave memory flat', { timeout: 180_000 }, async () => {
    const result = await traffic()
    expect(result.stored).toBe(600 * 48_000)
    expect(result.isComplete).toBe(true)
    expect(result.askedWhilePaused).toBe(0)
    expect(result.pausedMs).toBeGreaterThan(0)
    expect(result.largestUnsettledBytes).toBeLessThan(2 ** 20 + 20_000)
    expect(warm(result).length).toBeGreaterThanOrEqual(100)
    const { from, to } = heapGrowth(result)
    expect(to, `heap grew ${from.toFixed(2)}..${to.toFixed(2)} MiB`).toBeLessThan(FLAT)
    const rss = growth(warm(result).map(({ blocks, rss }) => [blocks, rss]))
    expect(rss.from, `rss grew ${rss.from.toFixed(1)}..${rss.to.toFixed(1)} MiB`).toBeLessThan(16)
  })

  it('a planted leak is noticed', { timeout: 180_000 }, async () => {
    const { from } = heapGrowth(await traffic('--leak'))
    expect(from).toBeGreaterThan(FLAT)
  })
})
