import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Samples } from '@messwerk/core/model'
import { evaluate, type NabSeries, nabProfiles, nabScore } from '@messwerk/detectors/evaluation'
import { type Candidate, type Corpus, filesOf, type Metrics, type Row } from './corpus.ts'
import { reports } from './nab-rule.ts'
import { streamedScores } from './score.ts'
import { numbersOf, readTable, samplesOf } from './table.ts'

interface Series {
  readonly name: string
  readonly values: Samples
  readonly labels: Float64Array
  readonly windows: readonly (readonly [number, number])[]
}

/** One-channel series of servers, roads, machines and made-up ones. */
export const nab: Corpus = {
  name: 'nab',
  protocols: ['streaming'],
  about:
    'each row is scored, then learned; its score and the mean of the last 10 are added; a sum counts only when it tops those of the 200 rows before; nab: standard profile, one limit for all series, the best one in hindsight, as the published figures; by series at that limit',
  run({ folder, candidates, progress }) {
    const all = readSeries(folder)
    const rows: Row[] = []
    const means: Record<string, Metrics> = {}
    for (const candidate of candidates) {
      const scored = all.map((series) => {
        progress(series.name, candidate.name)
        return reports(streamedScores(candidate.spec(0), series.values))
      })
      const corpus = all.map(({ windows }, s): NabSeries => ({ scores: scored[s]!, windows }))
      const { score, limit } = nabScore(corpus)
      const own = all.map((series, s) => rowOf(candidate, series, scored[s]!, limit))
      rows.push(...own)
      means[candidate.name] = {
        nab: score,
        nabLowFalsePositives: nabScore(corpus, { profile: nabProfiles.lowFalsePositives }).score,
        nabLowFalseNegatives: nabScore(corpus, { profile: nabProfiles.lowFalseNegatives }).score
      }
    }
    return { rows, means, constant: { nab: constantScore(all) } }
  }
}

function constantScore(all: readonly Series[]): number {
  return nabScore(all.map(({ windows, labels }) => ({ scores: new Float64Array(labels.length), windows }))).score
}

function rowOf(candidate: Candidate, { name, labels, windows }: Series, scores: Float64Array, limit: number): Row {
  const { rocAuc, prAuc, prevalence, unscored } = evaluate(scores, labels)
  const { score } = nabScore([{ scores, windows }], { limit })
  const metrics: Metrics = windows.length > 0 ? { rocAuc, prAuc, nab: score } : {}
  return { detector: candidate.name, set: name, metrics, prevalence, unscored: unscored / labels.length }
}

function readSeries(folder: string): Series[] {
  const windowsFile = join(folder, 'combined_windows.json')
  const windows = existsSync(windowsFile)
    ? (JSON.parse(readFileSync(windowsFile, 'utf8')) as Record<string, [string, string][]>)
    : {}
  const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return groups.flatMap(({ name: group }) =>
    filesOf(join(folder, group)).map(({ name, path }) => {
      const table = readTable(path)
      const labels = numbersOf(table, 'label')
      const at = rowNumbers(table.texts.get('timestamp')!)
      const given = windows[`${group}/${name}.csv`]?.map(([from, to]) => [at(from), at(to)] as const)
      const values = samplesOf([['value', numbersOf(table, 'value')]], table.length)
      return { name: `${group}/${name}`, values, labels, windows: given ?? runsOf(labels) }
    })
  )
}

/** Finds rows by their time stamps, with or without fractions of a second. */
function rowNumbers(timestamps: readonly string[]): (timestamp: string) => number {
  const rows = new Map(timestamps.map((timestamp, row) => [timestamp, row]))
  return (timestamp) => {
    const row = rows.get(timestamp.replace(/\.0+$/, ''))
    if (row === undefined) throw new Error(`no row at ${timestamp}`)
    return row
  }
}

function runsOf(labels: Float64Array): [number, number][] {
  const runs: [number, number][] = []
  labels.forEach((label, row) => {
    if (label === 0) return
    if (runs.at(-1)?.[1] === row - 1) runs.at(-1)![1] = row
    else runs.push([row, row])
  })
  return runs
}
