import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { simulateGsv } from '../simulator/simulate-gsv.ts'
import { openersOf, program } from './fixtures/program.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gsv-record-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const amplifier = () =>
  simulateGsv({ rate: 1000, serial: 4711, channels: [{ unit: 'kN', noise: 0 }, { name: 'n' }], counterChannel: 2 })

describe('record', () => {
  it('writes CSV with gaps as declared', async () => {
    const device = amplifier()
    device.corruptFrames({ at: 300, count: 2 })
    const path = join(folder, 'run.csv')
    const args = ['record', 'COM3', path, '--seconds', '2', '--channels', '1=force,2=count']
    const { out, err, ended } = program(args, { openers: openersOf(device) })
    expect(await ended).toBe(0)
    expect(out).toEqual([])
    expect(err).toEqual([
      'gsv-8 4711, firmware 1.56 at serial:COM3',
      `wrote 1998 scans (100 %), 1 gap, 2 missing to ${path}`
    ])
    const [head, ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(head).toMatch(/^time,force \[kN\],count( \[.*\])?,quality,gap_scans,gap_cause$/)
    expect(rows).toHaveLength(1998)
    expect(rows[0]).toMatch(TIME)
    expect(rows.map((row) => Number(row.split(',')[2])).slice(298, 302)).toEqual([298, 299, 302, 303])
    const holes = rows.filter((row) => row.split(',')[4] !== '')
    expect(holes).toHaveLength(1)
    expect(holes[0]).toMatch(/,302,,2,resync$/)
  })

  it('writes NDJSON, as many scans as are wanted', async () => {
    const device = amplifier()
    device.corruptFrames({ at: 300, count: 2 })
    const path = join(folder, 'run.jsonl')
    const args = ['record', 'COM3', path, '--scans', '777', '--channels', '2=count']
    const { err, ended } = program(args, { openers: openersOf(device) })
    expect(await ended).toBe(0)
    expect(err.at(-1)).toContain('wrote 777 scans (100 %), 1 gap, 2 missing')
    const lines = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter(({ gap }) => gap)).toMatchObject([{ stream: 'gsv-4711', gap: { scans: 2, cause: 'resync' } }])
    const counts = lines.flatMap(({ gap, count }) => (gap ? [] : [count]))
    expect(counts).toEqual(Array.from({ length: 777 }, (_, i) => (i < 300 ? i : i + 2)))
  })

  it('writes what is missing at the very end as a row without values', async () => {
    const device = amplifier()
    device.corruptFrames({ at: 998, count: 2 })
    const path = join(folder, 'run.csv')
    const { err, ended } = program(['record', 'COM3', path], { openers: openersOf(device, { duration: '1s' }) })
    expect(await ended).toBe(0)
    expect(err.at(-1)).toContain('wrote 998 scans, 1 gap, 2 missing')
    expect(readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)).toMatch(/Z,,,,2,resync$/)
  })

  it('marks what is not good', async () => {
    const device = amplifier()
    device.inject({ kind: 'saturation', channel: 'channel_1', at: 1, for: 1 })
    const path = join(folder, 'run.csv')
    await program(['record', 'COM3', path, '--scans', '3'], { openers: openersOf(device) }).ended
    const rows = readFileSync(path, 'utf8').trimEnd().split('\n').slice(1)
    expect(rows.map((row) => row.split(',')[3])).toEqual(['', 'uncertain', ''])
  })

  it('keeps a file that exists', async () => {
    const path = join(folder, 'run.ndjson')
    writeFileSync(path, 'old\n')
    const refused = program(['record', 'COM3', path], { openers: openersOf(amplifier()) })
    expect(await refused.ended).toBe(2)
    expect(refused.err).toEqual([`gsv-driver: ${path} exists; choose another name, or replace it with --overwrite`])
    const dead = program(['record', 'tcp://127.0.0.1:1', path, '--overwrite'])
    expect(await dead.ended).toBe(1)
    expect(readFileSync(path, 'utf8')).toBe('old\n')
    const replaced = program(['record', 'COM3', path, '--overwrite', '--scans', '2'], {
      openers: openersOf(amplifier())
    })
    expect(await replaced.ended).toBe(0)
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
  })

  it('shows progress in a terminal', async () => {
    const shown: string[] = []
    const around = {
      openers: openersOf(amplifier(), { duration: '10min' }),
      progress: (text: string) => void shown.push(text)
    }
    const path = join(folder, 'run.csv')
    const { ended } = program(['record', 'COM3', path, '--seconds', '300'], around)
    expect(await ended).toBe(0)
    expect(shown[0]).toMatch(/^\r\d+ scans \(\d+ %\), no gaps/)
    expect(shown.at(-1)).toBe('\r\x1b[K')
  })

  it.each(['run.csv', 'run.ndjson'])('says in one line that %s cannot be written', async (name) => {
    const path = join(folder, 'nowhere', name)
    const { err, ended } = program(['record', 'COM3', path, '--scans', '2'], { openers: openersOf(amplifier()) })
    expect(await ended).toBe(1)
    expect(err.at(-1)).toContain(path)
    expect(err.at(-1)).toContain('gsv-driver: ')
    expect(existsSync(path)).toBe(false)
  })
})
