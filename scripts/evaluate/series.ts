import type { Samples } from '@messwerk/core/model'
import { evaluate, periodOf } from '@messwerk/detectors/evaluation'
import { type Candidate, type Corpus, filesOf, type Row } from './corpus.ts'
import { overSeeds, streamedScores, trainedScores } from './score.ts'
import { featuresOf, numbersOf, readTable } from './table.ts'

const SEEDS = 3

interface Series {
  readonly name: string
  readonly train: Samples
  readonly test: Samples
  readonly labels: Float64Array
  /** Widest buffer of VUS-PR. */
  readonly buffer: number
}

/** Corpora of `NAME_train.csv.gz`, taken as normal, and `NAME_test.csv.gz`, with labels. */
const seriesCorpus = (name: string, what: string): Corpus => ({
  name,
  protocols: ['normals', 'streaming'],
  about: `${what}; normals: fit the train part, score the test part; streaming: the test part alone, each row scored, then learned; means over the series, ${SEEDS} seeds`,
  run({ folder, protocol, candidates, progress }) {
    const rows: Row[] = []
    for (const file of filesOf(folder, '_test.csv.gz')) {
      const series = readSeries(file.name, file.path)
      for (const candidate of candidates) {
        progress(series.name, candidate.name)
        rows.push(overSeeds(candidate, SEEDS, (seed) => measured(candidate, series, protocol === 'streaming', seed)))
      }
    }
    return { rows }
  }
})

export const smd = seriesCorpus('smd', 'server machines, 38 channels')
export const asd = seriesCorpus('asd', 'application servers, 19 channels')
export const nasaTelemetry = seriesCorpus('nasa-telemetry', 'SMAP and MSL, one channel with commands')

function readSeries(name: string, path: string): Series {
  const train = featuresOf(readTable(path.replace(/_test\.csv\.gz$/, '_train.csv.gz')))
  const table = readTable(path)
  const test = featuresOf(table)
  if (train.channels.join() !== test.channels.join()) throw new Error(`${name}: train and test have different columns`)
  return {
    name,
    train,
    test,
    labels: numbersOf(table, 'label'),
    buffer: periodOf(test.values.subarray(0, test.length))
  }
}

function measured(
  candidate: Candidate,
  { name, train, test, labels, buffer }: Series,
  isStream: boolean,
  seed: number
): Row {
  const spec = candidate.spec(seed)
  const scores = isStream ? streamedScores(spec, test) : trainedScores(spec, train, test)
  const { rocAuc, prAuc, vusPr, prevalence, unscored } = evaluate(scores, labels, { buffer })
  return {
    detector: candidate.name,
    set: name,
    metrics: { rocAuc, prAuc, vusPr: vusPr! },
    prevalence,
    unscored: unscored / labels.length
  }
}
