import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { backtestCommand } from './backtest-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'backtest-'))
afterAll(() => rmSync(folder, { recursive: true }))

const rows = Array.from({ length: 400 }, (_, i) => {
  const isWrong = i >= 300 && i < 310
  return { i, force: (i % 7) + (isWrong ? 900 : 0), isWrong }
})
const plain = file(
  'plain.csv',
  [
    'time,force [kN],note,fault',
    ...rows.map(({ i, force, isWrong }) => `${new Date(i * 1000).toISOString()},${force},ok,${Number(isWrong)}`)
  ].join('\n')
)

function file(name: string, text: string | Buffer): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const code = await backtestCommand(args, { out: (line) => out.push(line), err: (line) => err.push(line) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('messwerk-backtest', () => {
  it('finds columns, units, time and labels by itself', async () => {
    const [html, json] = [join(folder, 'report.html'), join(folder, 'report.json')]
    const { code, out, err } = await run(plain, '--thresholds', '6,30', '--html', html, '--json', json)
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n')[0]).toBe('400 scans, 300 of them scored: 5 min')
    expect(out).toContain('Threshold 6: 1 alarm')
    expect(out).toContain('1 of 1 label found')
    expect(readFileSync(html, 'utf8')).toMatch(/force 90[0-6] kN/)
    const report = JSON.parse(readFileSync(json, 'utf8')) as { thresholds: { alarms: number; recall: number }[] }
    expect(report.thresholds.map(({ alarms, recall }) => [alarms, recall])).toEqual([
      [1, 1],
      [1, 1]
    ])
  })

  it('reads German files, gzipped, with seconds', async () => {
    const text = [
      't;kraft',
      ...rows.map(({ i, force }) => `${String(i / 10).replace('.', ',')};${String(force + 0.5).replace('.', ',')}`)
    ]
    const path = file('german.csv.gz', gzipSync(text.join('\r\n')))
    const { code, out } = await run(path, '--thresholds', '6', '--detector', 'zScore', '--learn', '100 scans')
    expect(code).toBe(0)
    expect(out).toContain('400 scans, 300 of them scored: 30 s')
    expect(out).toContain('Threshold 6: 1 alarm')
  })

  it('takes a rate where there are no times, and prints the curve where no threshold is asked for', async () => {
    const path = file('bare.csv', ['a,b', ...rows.map(({ force }) => `${force},${force}`)].join('\n'))
    const without = await run(path)
    expect([without.code, without.err]).toEqual([
      2,
      `${path}: no column of times was found; give --time column=iso, or --rate 100`
    ])
    const { code, out } = await run(path, '--rate', '100', '--channels', 'a=kN', '--adapt')
    expect(code).toBe(0)
    expect(out).toMatch(/\n[\d.]+\t\d+ alarms/)
  })

  it.each([
    [[], /give one recording/],
    [['missing.csv'], /ENOENT.*missing\.csv/],
    [[plain, '--detector', 'magic'], /--detector must be one of .*robustZ.*got 'magic'/],
    [[plain, '--thresholds', '6,x'], /--thresholds must be above 0, got 'x'/],
    [[plain, '--learn', '100%'], /--learn must leave something to score/],
    [[plain, '--learn', 'soon'], /--learn/],
    [[plain, '--time', 'time'], /--time must be column=unit/],
    [[plain, '--sigma', '3'], /sigma.*--help/]
  ])('says what is wrong with %j', async (args, message) => {
    const { code, err } = await run(...(args as string[]))
    expect(code).toBeGreaterThan(0)
    expect(err).toMatch(message as RegExp)
  })
})
