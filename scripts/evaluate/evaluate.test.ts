import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reports } from './nab-rule.ts'
import { tableOf } from './report.ts'
import { runCorpus } from './run-corpus.ts'
import { shuffled } from './shuffled.ts'
import { range, readTable, rowsOf, samplesOf } from './table.ts'

const root = resolve(import.meta.dirname, '../..')
const committed = join(root, 'examples/data')

describe('the corpus that is in the repository', () => {
  it('is told apart by plain detectors, of which a constant one would not', () => {
    const { means, constant, prevalence } = runCorpus({ corpus: 'itsc', data: committed })
    for (const name of ['zScore', 'robustZ', 't2', 'isolationForest']) expect(means[name]?.rocAuc).toBeGreaterThan(0.99)
    expect(prevalence).toBeCloseTo(0.96, 2)
    expect(constant).toMatchObject({ rocAuc: 0.5, prAuc: prevalence })
  })

  it('gives the same figures twice', () => {
    const run = () => runCorpus({ corpus: 'itsc', data: committed, detector: 'isolationForest' })
    expect(run()).toEqual(run())
  })

  it('is written as a table with the constant detector in the last line, and as JSON', () => {
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-evaluate-'))
    const json = join(folder, 'itsc.json')
    const { stdout, status } = command('itsc', '--detector', 't2', '--data', committed, '--json', json)
    expect(status).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^all +\(constant\) +96\.00 % +0\.5000 +0\.9600$/)
    const report = JSON.parse(readFileSync(json, 'utf8'))
    expect(report).toMatchObject({ corpus: 'itsc', protocol: 'normals', means: { t2: { rocAuc: 1 } } })
    expect(report.rows).toEqual([expect.objectContaining({ detector: 't2', set: 'windows' })])
    rmSync(folder, { recursive: true })
  })
})

describe('a command that cannot be run', () => {
  it.each([
    [
      ['skab', '--data', '/no/such/folder'],
      3,
      'no folder /no/such/folder/skab. The recordings are not in the repository'
    ],
    [['weather'], 2, 'corpus must be one of skab, nab, adbench'],
    [[], 2, 'needs one corpus, got none'],
    [['itsc', '--data', committed, '--detector', 'guess'], 2, '--detector must be one of zScore'],
    [
      ['itsc', '--data', committed, '--protocol', 'streaming'],
      2,
      '--protocol of itsc must be one of normals, got streaming'
    ],
    [['itsc', '--datas', committed], 2, "Unknown option '--datas'"]
  ])('%j ends with %i', (args, code, text) => {
    const { stderr, status } = command(...args)
    expect(stderr).toContain(text)
    expect(status).toBe(code)
  })
})

function command(...args: string[]) {
  const tsx = ['--import', import.meta.resolve('tsx'), join(root, 'scripts/evaluate.ts')]
  return spawnSync(process.execPath, [...tsx, ...args], { encoding: 'utf8', cwd: root })
}

describe('parts', () => {
  it('reads numbers and texts', () => {
    const table = readTable(join(committed, 'itsc/currents.csv.gz'))
    expect(table.length).toBe(39_000)
    expect(table.numbers.get('Ia')!.subarray(0, 2)).toEqual(Float64Array.of(2.52055, 3.07147))
    expect(table.texts.get('run')![0]).toBe('SC_A0_B0_C1_001')
    expect([...table.texts.keys()]).toEqual(['run', 'fault_phase'])
  })

  it('shuffles by the seed alone, each row once', () => {
    expect(shuffled(1000, 3)).toEqual(shuffled(1000, 3))
    expect(shuffled(1000, 3)).not.toEqual(shuffled(1000, 4))
    expect(shuffled(1000, 3).sort()).toEqual(range(0, 1000))
    const places = Array.from({ length: 4000 }, (_, seed) => shuffled(4, seed).indexOf(0))
    for (const place of [0, 1, 2, 3]) {
      expect(places.filter((one) => one === place).length).toBeGreaterThan(850)
      expect(places.filter((one) => one === place).length).toBeLessThan(1150)
    }
  })

  it('takes rows of samples', () => {
    const all = samplesOf(
      [
        ['a', [1, 2, 3]],
        ['b', [10, 20, 30]]
      ],
      3
    )
    expect(rowsOf(all, [2, 0]).values).toEqual(Float64Array.of(3, 1, 30, 10))
  })

  it('reports an event once: its highest sum, and nothing for 200 rows unless it tops it', () => {
    const scores = new Float64Array(500)
    scores[100] = 5
    scores[150] = 4
    scores[200] = 6
    scores[450] = 3
    const rows = Array.from(reports(scores)).flatMap((score, row) => (score > 3 ? [row] : []))
    expect(rows).toEqual([100, 200, 450])
  })

  it('shows shares as percentages and says who gave no scores', () => {
    const row = { detector: 'zScore', set: 'one', metrics: { far: 0.125, f1: 0.5 }, prevalence: 0.25, unscored: 1 }
    const text = tableOf({ corpus: 'x', protocol: 'normals', rows: [row], means: {}, constant: { f1: 0.4 } })
    expect(text).toContain('one  zScore        25.00 %  0.5000  12.50 %')
    expect(text).toContain('one: zScore gives no score for 100.00 % of the rows')
  })
})
