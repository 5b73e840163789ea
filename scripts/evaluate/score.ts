import type { Channel, Detector, DetectorSpec, Samples } from '@messwerk/core/model'
import { evaluate, prAuc, rocAuc } from '@messwerk/detectors/evaluation'
import type { Candidate, Metrics, Row } from './corpus.ts'

/** A detector that has learned these rows. */
export function fitted(spec: DetectorSpec, train: Samples): Detector {
  const detector = spec.create(train.channels.map((name): Channel => ({ name, unit: '1' })))
  detector.fit(train)
  return detector
}

/** Scores of the rows of `test` after learning `train`. */
export const trainedScores = (spec: DetectorSpec, train: Samples, test: Samples): Float64Array =>
  fitted(spec, train).score(test)

/** Each row is scored, then learned. */
export function streamedScores(spec: DetectorSpec, rows: Samples): Float64Array {
  return spec.create(rows.channels.map((name): Channel => ({ name, unit: '1' }))).process(rows)
}

/** Both areas of one detector on one set. */
export function ranking(candidate: Candidate, set: string, scores: Float64Array, labels: ArrayLike<number>): Row {
  const { prevalence, unscored, rows } = evaluate(scores, labels)
  const metrics = { rocAuc: rocAuc(scores, labels), prAuc: prAuc(scores, labels) }
  return { detector: candidate.name, set, metrics, prevalence, unscored: unscored / rows }
}

/** The mean of each metric over several results; one that is not finite is left out. */
export function meanMetrics(all: readonly Metrics[]): Metrics {
  const names = new Set(all.flatMap((metrics) => Object.keys(metrics) as (keyof Metrics)[]))
  const means: Metrics = {}
  for (const name of names) {
    const values = all.map((metrics) => metrics[name] ?? Number.NaN).filter(Number.isFinite)
    if (values.length > 0) means[name] = values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return means
}

/** The means by detector. */
export function meansOf(rows: readonly Row[]): Record<string, Metrics> {
  const names = [...new Set(rows.map(({ detector }) => detector))]
  const of = (name: string) =>
    meanMetrics(rows.filter(({ detector }) => detector === name).map(({ metrics }) => metrics))
  return Object.fromEntries(names.map((name) => [name, of(name)]))
}

/** One row of the means over several seeds; a detector without randomness runs once. */
export function overSeeds(candidate: Candidate, seeds: number, run: (seed: number) => Row): Row {
  const rows = Array.from({ length: candidate.isSeeded ? seeds : 1 }, (_, seed) => run(seed))
  return { ...rows[0]!, metrics: meanMetrics(rows.map(({ metrics }) => metrics)) }
}
