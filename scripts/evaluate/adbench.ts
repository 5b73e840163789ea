import type { Samples } from '@messwerk/core/model'
import { type Candidate, type Corpus, filesOf, type Protocol, type Row } from './corpus.ts'
import { overSeeds, ranking, streamedScores, trainedScores } from './score.ts'
import { shuffled } from './shuffled.ts'
import { featuresOf, numbersOf, pick, range, readTable, rowsOf } from './table.ts'

const LEAST_STREAM = 500
const MOST_STREAM = 20_000
const WARM_UP = 250

/** Classical tabular sets: rows in no order of time. */
export const adbench: Corpus = {
  name: 'adbench',
  protocols: ['unsupervised', 'normals', 'streaming'],
  about:
    'unsupervised: fit and score all rows, mean of 5 seeds; normals: fit a random half of the normal rows, score the rest, 5 seeds; streaming: sets of 500 rows and more, shuffled, at most 20 000 rows, each scored then learned, 3 seeds, first 250 rows left out; t2, spe and auto: without sets of more than 500 channels',
  run({ folder, protocol, candidates, progress }) {
    const rows: Row[] = []
    for (const { name, path } of filesOf(folder)) {
      const table = readTable(path)
      if (protocol === 'streaming' && table.length < LEAST_STREAM) continue
      const set = { name, all: featuresOf(table), labels: numbersOf(table, 'label') }
      for (const candidate of candidates) {
        if (set.all.channels.length > (candidate.mostChannels ?? Number.POSITIVE_INFINITY)) continue
        progress(name, candidate.name)
        rows.push(measure[protocol](candidate, set))
      }
    }
    return { rows }
  }
}

interface LabelledSet {
  readonly name: string
  readonly all: Samples
  readonly labels: Float64Array
}

const measure: Record<Protocol, (candidate: Candidate, set: LabelledSet) => Row> = {
  unsupervised(candidate, { name, all, labels }) {
    const run = (seed: number) => ranking(candidate, name, trainedScores(candidate.spec(seed), all, all), labels)
    return overSeeds(candidate, 5, run)
  },

  normals(candidate, { name, all, labels }) {
    // the half is drawn anew with each seed, so that every detector has five runs
    return overSeeds({ ...candidate, isSeeded: true }, 5, (seed) => {
      const order = shuffled(all.length, seed)
      const normal = order.filter((row) => labels[row] === 0)
      const train = normal.subarray(0, normal.length >> 1)
      const learned = new Set(train)
      const test = order.filter((row) => !learned.has(row))
      const scores = trainedScores(candidate.spec(seed), rowsOf(all, train), rowsOf(all, test))
      return ranking(candidate, name, scores, pick(labels, test))
    })
  },

  streaming(candidate, { name, all, labels }) {
    return overSeeds({ ...candidate, isSeeded: true }, 3, (seed) => {
      const order = shuffled(all.length, seed).subarray(0, MOST_STREAM)
      const scores = streamedScores(candidate.spec(seed), rowsOf(all, order))
      const judged = range(WARM_UP, order.length)
      return ranking(candidate, name, pick(scores, judged), pick(labels, order.subarray(WARM_UP)))
    })
  }
}
