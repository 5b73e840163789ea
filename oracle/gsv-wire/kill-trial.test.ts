// A few seconds of `npm run oracle:gsv -- --kills 3`, slower, without its limits of time.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Block, blockOf, type Gap } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { BlockFile, blocksIn } from './block-file.ts'
import { killTrial } from './kill-trial.ts'

const short = {
  rate: 2000,
  seconds: 8,
  corrupt: 1e-3,
  unplugs: 0,
  unplugMs: 0,
  stallMs: 0,
  crystal: 40,
  log: undefined
}

it.each([true, false])(
  'a process that is killed: what nobody kept is declared, with its number (counter channel: %s)',
  async (counted) => {
    const trial = await killTrial({ ...short, seed: 4, kills: 1, counted })
    const { corrupted, reconnected, restartMs, ...verdict } = trial
    const flawless = { invalid: 0, repeated: 0, undeclared: 0, needless: 0, backwards: 0 }
    expect(verdict, verdict.findings.join('\n')).toMatchObject(flawless)
    expect(corrupted.count).toBeGreaterThan(100)
    expect(restartMs).toHaveLength(1)
    expect(reconnected).toMatchObject({ count: 1, unknown: 0 })
    expect(reconnected.scans).toBeGreaterThan(400)
    expect(reconnected.largestError).toBeLessThanOrEqual(counted ? 0 : 2)
    expect(reconnected.largestShare).toBeLessThanOrEqual(1)
  },
  60_000
)

it('a file of blocks that was cut off anywhere goes on behind its last whole one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-blocks-'))
  const path = join(folder, 'blocks')
  const names = Array.from({ length: 8 }, (_, c) => `c${c + 1}`)
  const channels = Object.fromEntries(names.map((name) => [name, '1']))
  const block = (first: number, gap?: Gap): Block => {
    const values = Object.fromEntries(names.map((name, c) => [name, [first + c, first + c + 0.5]]))
    return { ...blockOf({ stream: 'trial', channels, rate: 2000, start: first }, values), gap }
  }
  const gap = { scans: 7, cause: 'resync' } as const
  try {
    const file = new BlockFile(path)
    file.write(2, [block(1)])
    file.write(11, [block(10, gap), block(20)])
    file.close()
    const whole = readFileSync(path)
    const read = (): unknown[] =>
      [...blocksIn(path, 2000)].map((one) => [one.values[0], one.gap?.scans ?? 0, one.time.start])
    const start = (ms: number): bigint => BigInt(ms) * 1_000_000n
    expect(read()).toEqual([
      [1, 0, start(1)],
      [10, 7, start(10)],
      [20, 0, start(20)]
    ])
    for (const [cut, last, blocks] of [
      [1, 2, 1],
      [whole.length - 3, undefined, 0]
    ] as const) {
      writeFileSync(path, whole.subarray(0, whole.length - cut))
      const again = new BlockFile(path)
      expect(again.last).toBe(last)
      again.close()
      expect(read()).toHaveLength(blocks)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
