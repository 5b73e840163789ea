import type { Detector, Samples } from '@messwerk/core/model'
import { speLimit, t2Limit } from '@messwerk/detectors'
import { confusion, evaluate, flagsOf, rates } from '@messwerk/detectors/evaluation'
import { type Candidate, type Corpus, filesOf, type Row } from './corpus.ts'
import { fitted, overSeeds } from './score.ts'
import { featuresOf, numbersOf, readTable } from './table.ts'

const SHARE = 0.01
const SEEDS = 5

/** A simulated chemical plant with 21 faults. */
export const tep: Corpus = {
  name: 'tep',
  protocols: ['normals'],
  about:
    'fit d00_train, limits that 1 % of normal rows exceed (t2, spe: by theory; others: by the training scores); mar is the share of faulty rows below the limit, means over the faults; far of the normal rows of d00_te where it is there, else of the first 160 rows of each fault; 5 seeds',
  run({ folder, candidates, progress }) {
    const files = filesOf(folder)
    const learned = files.find(({ name }) => name === 'd00_train')
    if (learned === undefined) throw new Error(`there is no d00_train.csv.gz in ${folder}`)
    const train = featuresOf(readTable(learned.path))
    const tests = files.filter(({ name }) => name.endsWith('_te')).map(({ name, path }) => readTest(name, path))
    const hasNormal = tests.some(({ set }) => set === 'd00')
    const rows = candidates.flatMap((candidate) => {
      const seeds = Array.from({ length: candidate.isSeeded ? SEEDS : 1 }, (_, seed) => {
        progress(`seed ${seed}`, candidate.name)
        return fitted(candidate.spec(seed), train)
      })
      return tests.map((test) =>
        overSeeds(candidate, SEEDS, (seed) => measured(candidate, seeds[seed]!, train, test, hasNormal))
      )
    })
    return { rows }
  }
}

interface Test {
  readonly set: string
  readonly rows: Samples
  readonly labels: Float64Array
}

function readTest(name: string, path: string): Test {
  const table = readTable(path)
  return { set: name.replace(/_te$/, ''), rows: featuresOf(table), labels: numbersOf(table, 'label') }
}

function measured({ name }: Candidate, detector: Detector, train: Samples, test: Test, hasNormal: boolean): Row {
  const scores = detector.score(test.rows)
  const { rocAuc, prAuc, prevalence } = evaluate(scores, test.labels)
  const { f1, far, mar } = rates(confusion(flagsOf(scores, limitOf(name, detector, train)), test.labels))
  const isNormal = prevalence === 0
  const metrics = isNormal ? { far } : { rocAuc, prAuc, f1, mar, ...(hasNormal ? {} : { far }) }
  return { detector: name, set: test.set, metrics, prevalence }
}

function limitOf(name: string, detector: Detector, train: Samples): number {
  if (name === 't2') return t2Limit(detector, SHARE)
  if (name === 'spe') return speLimit(detector, SHARE)
  const scores = detector
    .score(train)
    .filter((score) => !Number.isNaN(score))
    .sort()
  return scores[Math.ceil((1 - SHARE) * scores.length)] ?? Number.POSITIVE_INFINITY
}
