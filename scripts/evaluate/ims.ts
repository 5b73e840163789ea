import { confusion, flagsOf, rates } from '@messwerk/detectors/evaluation'
import { type Candidate, type Corpus, filesOf, type Row } from './corpus.ts'
import { fitted } from './score.ts'
import { numbersOf, readTable, rowsOf, samplesOf, type Table, where } from './table.ts'

/** Channels of the bearings that failed, by the number in the name of the set. */
const FAILED: Readonly<Record<string, readonly string[]>> = {
  set1: ['B3_a', 'B3_b', 'B4_a', 'B4_b'],
  set2: ['B1'],
  set3: ['B3']
}
/** Share of the rows from the alarm to the end that must be flagged, for it to be a lasting one. */
const LASTING = 0.9

/** Bearings run to failure; nobody labelled a row. */
export const ims: Corpus = {
  name: 'ims',
  protocols: ['normals'],
  about:
    'rms of the bearing that fails: fit the first quarter of its life; limit: the highest score of that quarter x 1.5; far: of the second quarter; leadHours: from the lasting alarm (from then on 90 % of the rows are flagged) to the end',
  run({ folder, candidates, progress }) {
    const rows: Row[] = []
    for (const { name, path } of filesOf(folder)) {
      const table = readTable(path)
      const life = runningRows(table)
      for (const channel of FAILED[name.split('_')[0]!] ?? []) {
        for (const candidate of candidates) {
          progress(`${name} ${channel}`, candidate.name)
          rows.push(measured(candidate, `${name.split('_')[0]} ${channel}`, table, channel, life))
        }
      }
    }
    return { rows }
  }
}

/** Without the rows at the end after the machine was stopped. */
function runningRows(table: Table): Uint32Array {
  const deviation = [...table.numbers].find(([name]) => name.endsWith('_std'))![1]
  const usual = deviation.slice().sort()[deviation.length >> 1]!
  let last = table.length - 1
  while (last > 0 && deviation[last]! < 0.1 * usual) last -= 1
  return where(table.length, (row) => row <= last)
}

function measured(candidate: Candidate, set: string, table: Table, channel: string, life: Uint32Array): Row {
  const rms = samplesOf([[channel, numbersOf(table, `${channel}_rms`)]], table.length)
  const quarter = life.length >> 2
  const train = rowsOf(rms, life.subarray(0, quarter))
  const detector = fitted(candidate.spec(0), train)
  const scores = detector.score(rowsOf(rms, life.subarray(quarter)))
  const limit = 1.5 * highest(detector.score(train))
  const flags = flagsOf(scores, limit)
  const second = flags.subarray(0, quarter)
  const { far } = rates(confusion(second, new Uint8Array(second.length)))
  const hours = table.texts.get('timestamp')!.map((text) => Date.parse(`${text.replace(' ', 'T')}Z`) / 3_600_000)
  const alarm = lastingAlarm(flags)
  const leadHours = alarm < 0 ? 0 : hours[life.at(-1)!]! - hours[life[quarter + alarm]!]!
  return { detector: candidate.name, set, metrics: { far, leadHours } }
}

/** NaN left out. */
const highest = (scores: Float64Array): number => Math.max(...scores.filter((score) => !Number.isNaN(score)))

/** The first flagged row from which on most rows are flagged to the end; -1 without one. */
function lastingAlarm(flags: Uint8Array): number {
  let flagged = 0
  let first = -1
  for (let i = flags.length - 1; i >= 0; i -= 1) {
    flagged += flags[i]!
    if (flags[i] === 1 && flagged >= LASTING * (flags.length - i)) first = i
  }
  return first
}
