import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Metrics } from './corpus.ts'
import { runCorpus } from './run-corpus.ts'

const data = process.env.MESSWERK_DATA ?? ''
const LONG = 120_000

/** The bars were measured on these files; others of the same corpora are harder or easier. */
const filesMeasured = { skab: 18, hydraulic: 2, gearbox: 10, tep: 13, smd: 6, nab: 7, adbench: 21 }

function absence(corpus: keyof typeof filesMeasured): string | undefined {
  if (data === '') return 'no data folder (MESSWERK_DATA)'
  try {
    const found = readdirSync(join(data, corpus)).filter((name) => !name.includes('.') || name.endsWith('.csv.gz'))
    return found.length === filesMeasured[corpus] ? undefined : `other files in ${data}/${corpus} than were measured`
  } catch {
    return `no ${data}/${corpus}`
  }
}

/** Runs with the data only, and says why not without. */
function bar(corpus: keyof typeof filesMeasured, name: string, check: () => void): void {
  const reason = absence(corpus)
  if (reason !== undefined) process.stderr.write(`${corpus}: ${name}: not tested: ${reason}\n`)
  it.skipIf(reason !== undefined)(name, check, LONG)
}

const mean = (corpus: string, detector: string, protocol?: string): Metrics =>
  runCorpus({ corpus, data, detector, protocol }).means[detector]!

describe('bars on public recordings', () => {
  bar('skab', 'robust z: F1 at least 0.80 with at most a quarter of the normal rows flagged', () => {
    const { f1, far } = mean('skab', 'robustZ')
    expect(f1).toBeGreaterThanOrEqual(0.8)
    expect(far).toBeLessThanOrEqual(0.25)
  })

  bar('nab', 'windowed z: at least 55 on the standard profile', () => {
    expect(mean('nab', 'zScore').nab).toBeGreaterThanOrEqual(55)
  })

  bar('hydraulic', 'T2 finds valve, pump and accumulator', () => {
    const { rows } = runCorpus({ corpus: 'hydraulic', data, detector: 't2' })
    const area = (set: string) => rows.find((row) => row.set === set)!.metrics.rocAuc
    expect(area('valve')).toBeGreaterThanOrEqual(0.97)
    expect(area('pump')).toBeGreaterThanOrEqual(0.99)
    expect(area('accumulator')).toBeGreaterThanOrEqual(0.91)
  })

  bar('gearbox', 'T2 finds the broken tooth', () => {
    expect(mean('gearbox', 't2').rocAuc).toBeGreaterThanOrEqual(0.98)
  })

  bar('tep', 'T2 and SPE with eleven components detect as many rows as the reference, at its false rates', () => {
    const [t2, spe] = [mean('tep', 't2'), mean('tep', 'spe')]
    expect(1 - t2.mar!).toBeCloseTo(0.419, 2)
    expect(1 - spe.mar!).toBeCloseTo(0.565, 2)
    expect(t2.far).toBeCloseTo(0.017, 2)
    expect(spe.far).toBeCloseTo(0.071, 2)
  })

  bar('smd', 'nearest neighbour, streaming: PR-AUC at least 0.41', () => {
    expect(mean('smd', 'nearestNeighbour', 'streaming').prAuc).toBeGreaterThanOrEqual(0.41)
  })

  bar('adbench', 'isolation forest on small sets within 0.02 or 3 sd of the reference', () => {
    const reference = {
      cardio: [0.9318, 0.0121],
      glass: [0.7828, 0.0108],
      Ionosphere: [0.8441, 0.0064],
      Stamps: [0.8944, 0.0101]
    }
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-adbench-'))
    mkdirSync(join(folder, 'adbench'))
    for (const name of Object.keys(reference))
      symlinkSync(join(data, `adbench/${name}.csv.gz`), join(folder, `adbench/${name}.csv.gz`))
    const { rows } = runCorpus({ corpus: 'adbench', data: folder, detector: 'isolationForest' })
    rmSync(folder, { recursive: true })
    for (const [name, [area, deviation]] of Object.entries(reference)) {
      const found = rows.find(({ set }) => set === name)!.metrics.rocAuc!
      expect(Math.abs(found - area!), name).toBeLessThanOrEqual(Math.max(0.02, 3 * deviation!))
    }
  })
})
