import type { Samples } from '@messwerk/core/model'
import type { Row, Task } from './corpus.ts'
import { overSeeds, ranking, trainedScores } from './score.ts'
import { pick, rowsOf } from './table.ts'

const SEEDS = 5

/** Things to judge one by one: windows of a signal, cycles of a machine. */
export interface Items {
  readonly features: Samples
  readonly labels: ArrayLike<number>
}

/** Every detector learns every second good item and scores all others; mean of 5 seeds. */
export function everySecond(set: string, { features, labels }: Items, { candidates, progress }: Task): Row[] {
  const train: number[] = []
  const test: number[] = []
  let good = 0
  for (let i = 0; i < labels.length; i += 1) {
    if (labels[i] === 0) good += 1
    if (labels[i] === 0 && good % 2 === 1) train.push(i)
    else test.push(i)
  }
  const learned = rowsOf(features, train)
  const judged = rowsOf(features, test)
  const truth = pick(labels, test)
  return candidates.map((candidate) => {
    progress(set, candidate.name)
    const run = (seed: number) => ranking(candidate, set, trainedScores(candidate.spec(seed), learned, judged), truth)
    return overSeeds(candidate, SEEDS, run)
  })
}

/** Columns of features from rows of them. */
export function itemsOf(
  names: readonly string[],
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>
): Items {
  const values = new Float64Array(names.length * rows.length)
  rows.forEach((row, i) => {
    for (let c = 0; c < names.length; c += 1) values[c * rows.length + i] = row[c]!
  })
  return { features: { channels: names, length: rows.length, values, seconds: 1 }, labels }
}
