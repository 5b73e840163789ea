import type { Samples } from '@messwerk/core/model'
import { type Confusion, confusion, constantDetector, evaluate, pooled, rates } from '@messwerk/detectors/evaluation'
import { type Candidate, type Corpus, filesOf, type Metrics, type Row } from './corpus.ts'
import { meansOf, trainedScores } from './score.ts'
import { flagsByRule } from './skab-rule.ts'
import { featuresOf, numbersOf, range, readTable, rowsOf } from './table.ts'

const TRAIN = 400
const BUFFER = 100

/** A water circuit with valves, leaks, imbalance and cavitation. */
export const skab: Corpus = {
  name: 'skab',
  protocols: ['normals'],
  about: `the first ${TRAIN} rows of a file train, the rest tests; areas: of the raw scores, mean over the files; f1, far, mar: running mean of 15 rows, limit 1.75 x the 95 % quantile of the scores of the training part, rows below it are learned; all test rows pooled, as the leaderboard does`,
  run({ folder, candidates, progress }) {
    const rows: Row[] = []
    const counts = new Map<string, Confusion[]>(candidates.map(({ name }) => [name, []]))
    for (const { name, path } of filesOf(folder)) {
      const table = readTable(path)
      // the file without experiments has no change points
      if (!table.numbers.has('changepoint')) continue
      const all = featuresOf(table, ['changepoint'])
      const labels = numbersOf(table, 'label').subarray(TRAIN)
      for (const candidate of candidates) {
        progress(name, candidate.name)
        const { row, count } = measured(candidate, name, all, labels)
        rows.push(row)
        counts.get(candidate.name)!.push(count)
      }
    }
    return { rows, ...pooledMeans(rows, counts) }
  }
}

function measured(
  candidate: Candidate,
  set: string,
  all: Samples,
  labels: Float64Array
): { row: Row; count: Confusion } {
  const scores = trainedScores(candidate.spec(0), rowsOf(all, range(0, TRAIN)), rowsOf(all, range(TRAIN, all.length)))
  const count = confusion(flagsByRule(candidate, all, TRAIN), labels)
  const { rocAuc, prAuc, vusPr, prevalence, unscored } = evaluate(scores, labels, { buffer: BUFFER })
  const { f1, far, mar } = rates(count)
  const metrics = { rocAuc, prAuc, vusPr: vusPr!, f1, far, mar }
  return { row: { detector: candidate.name, set, metrics, prevalence, unscored: unscored / labels.length }, count }
}

function pooledMeans(rows: readonly Row[], counts: ReadonlyMap<string, readonly Confusion[]>) {
  const means = meansOf(rows)
  for (const [name, files] of counts) {
    const { f1, far, mar } = rates(pooled(files))
    means[name] = { ...means[name], f1, far, mar }
  }
  const { truePositives, falseNegatives, falsePositives, trueNegatives } = pooled([...counts.values()][0] ?? [])
  const anomalous = truePositives + falseNegatives
  const constant: Metrics = { ...constantDetector(anomalous / (anomalous + falsePositives + trueNegatives)) }
  return { means, constant }
}
