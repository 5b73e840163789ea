import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { windowScores } from './fixtures/models.ts'

const folder = mkdtempSync(join(tmpdir(), 'killed-models-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = `${import.meta.dirname}/fixtures/killed-models.ts`
const lines = join(folder, 'lines')

const written = (): string[] => (existsSync(lines) ? readFileSync(lines, 'utf8').split('\n') : [])

/** Runs the script; kills it when it has written so many lines more. True when it came to its end. */
async function run(more: number): Promise<boolean> {
  const from = written().length
  const child = spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'state'), lines], { stdio: 'inherit' })
  const exit = once(child, 'exit')
  while (child.exitCode === null && child.signalCode === null) {
    if (written().length - from > more) child.kill('SIGKILL')
    await Promise.race([exit, wait(2)])
  }
  return child.exitCode === 0
}

describe('detect(models$) in a process that is killed', () => {
  it('goes on with the model of the checkpoint: the scores of one that was never killed', {
    timeout: 120_000
  }, async () => {
    for (const more of [50, 430, 300, 420]) expect(await run(more)).toBe(false)
    expect(await run(Number.POSITIVE_INFINITY)).toBe(true)
    const values = Float64Array.from({ length: 1600 }, (_, i) => (i * 7) % 11)
    const versionAt = (scan: number): number => (scan < 400 ? 1 : scan >= 800 && scan < 1200 ? 3 : 2)
    const byHand = [1, 2, 3].map((version) =>
      windowScores({ channels: ['a'], length: 1600, values, seconds: 1 }, 2, 2 * version)
    )
    const seen = new Set<number>()
    for (const line of written()) {
      if (line === '' || line === 'end') continue
      const [scan, score, version] = line.split(' ').map(Number) as [number, number, number]
      seen.add(scan)
      expect([scan, version, score]).toEqual([scan, versionAt(scan), byHand[versionAt(scan) - 1]![scan]])
    }
    expect(seen.size).toBe(1600)
  })
})
