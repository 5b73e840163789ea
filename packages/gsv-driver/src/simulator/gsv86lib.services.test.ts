// The manufacturer's Python client against the simulator, over a pseudo terminal: neither was made for the other.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../../../test/servers/find-program.ts'
import { simulateGsv } from './index.ts'

const CLIENT = 'gsv86lib==0.1.1'
const folder = mkdtempSync(join(tmpdir(), 'messwerk-gsv86lib-'))
const python = join(folder, 'venv', 'bin', 'python')
/** Why the client cannot be run here. */
let missing: string | undefined

function run(
  file: string,
  args: readonly string[],
  timeout = 110_000
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout, maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({
        code: error ? Number((error as { code?: number }).code ?? 1) : 0,
        out,
        err: err || (error?.message ?? '')
      })
    })
  })
}

async function prepare(): Promise<string | undefined> {
  const system = findProgram('python3')
  if (!system) return 'no python3 in PATH'
  if (!findProgram('socat')) return 'no socat in PATH'
  const venv = await run(system, ['-m', 'venv', join(folder, 'venv')])
  if (venv.code !== 0) return `python3 -m venv failed: ${venv.err.trim().split('\n').at(-1)}`
  const pip = await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', CLIENT])
  return pip.code === 0 ? undefined : `pip install ${CLIENT} failed: ${pip.err.trim().split('\n').at(-1)}`
}

beforeAll(async () => {
  missing = await prepare()
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the client of the manufacturer', () => {
  it('runs a session with the simulated GSV-8', async (test) => {
    if (missing !== undefined) return test.skip(missing)
    const steady = [1, 2, 3, 4, 5, 6].map((offset) => ({ unit: 'N', offset, noise: 0, scale: 10 }))
    const amplifier = simulateGsv({ rate: 1000, channels: steady, counterChannel: 8, streaming: true })
    const path = join(folder, 'gsv0')
    await amplifier.openPty({ path })
    const { code, out, err } = await run(python, [join(import.meta.dirname, 'fixtures', 'gsv86lib-session.py'), path])
    const { lost } = amplifier
    await amplifier.close()
    expect([code, err]).toEqual([0, expect.any(String)])
    const seen = JSON.parse(out.trim().split('\n').at(-1) as string)
    expect(seen).toMatchObject({
      rate: 1000,
      'too fast': expect.stringContaining('ERR_PAR_ABSBIG'),
      float: expect.stringContaining('ERR_PAR_DAT'),
      'new rate': 500,
      one: [1, 6, false, false],
      'six axis': false,
      'new direction': 0,
      threshold: 1.5
    })
    for (const name of ['write rate', 'set direction', 'set type', 'set threshold', 'user scale', 'zero']) {
      expect([name, seen[name][0]]).toEqual([name, 0])
    }
    const frames = seen.frames as Record<string, number>[]
    expect(frames).toHaveLength(1000)
    const columns = Object.keys(frames[0] as object)
    const at = (frame: Record<string, number>, channel: number): number =>
      frame[columns[channel - 1] as string] as number
    const first = at(frames[0] as Record<string, number>, 8)
    expect(frames.map((frame) => at(frame, 8) - first)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    expect(at(frames[999] as Record<string, number>, 2)).toBeCloseTo(0, 4)
    expect(at(frames[999] as Record<string, number>, 3)).toBe(3)
    expect(lost).toBeGreaterThanOrEqual(0)
  })
})
