import { join } from 'node:path'
import type { Corpus } from './corpus.ts'
import { everySecond, itemsOf } from './every-second.ts'
import { numbersOf, readTable } from './table.ts'
import { windowsOf } from './window-features.ts'

const WINDOW = 50
const TURNS_A_ROW = 60 / 1000

/** Currents of an induction motor with short circuits between turns. */
export const itsc: Corpus = {
  name: 'itsc',
  protocols: ['normals'],
  about: `windows of ${WINDOW} rows (50 ms, 3 periods): rms of each phase and negative over positive sequence; fit every second healthy window, score all others, 5 seeds`,
  run(task) {
    const table = readTable(join(task.folder, 'currents.csv.gz'))
    const runs = table.texts.get('run')!
    const label = numbersOf(table, 'label')
    const currents = ['Ia', 'Ib', 'Ic'].map((name) => numbersOf(table, name))
    const rows: number[][] = []
    const labels: number[] = []
    for (let from = 0; from < table.length; ) {
      let to = from
      while (to < table.length && runs[to] === runs[from]) to += 1
      for (const window of windowsOf(
        currents.map((current) => current.subarray(from, to)),
        WINDOW
      )) {
        rows.push([...window.map(rmsOf), unbalance(window)])
        labels.push(label[from]!)
      }
      from = to
    }
    return { rows: everySecond('windows', itemsOf(['Ia.rms', 'Ib.rms', 'Ic.rms', 'unbalance'], rows, labels), task) }
  }
}

const rmsOf = (window: Float64Array): number => Math.sqrt(window.reduce((sum, x) => sum + x * x, 0) / window.length)

/** Size of the negative over that of the positive sequence at 60 Hz. */
function unbalance(phases: readonly Float64Array[]): number {
  const [a, b, c] = phases.map(phasorOf) as [Phasor, Phasor, Phasor]
  const third = (2 * Math.PI) / 3
  const forward = sum(a, turned(b, third), turned(c, -third))
  const backward = sum(a, turned(b, -third), turned(c, third))
  const [positive, negative] = [Math.hypot(...forward), Math.hypot(...backward)]
  return Math.min(positive, negative) / Math.max(positive, negative)
}

type Phasor = readonly [number, number]

function phasorOf(values: Float64Array): Phasor {
  let [re, im] = [0, 0]
  values.forEach((value, i) => {
    re += value * Math.cos(2 * Math.PI * TURNS_A_ROW * i)
    im -= value * Math.sin(2 * Math.PI * TURNS_A_ROW * i)
  })
  return [re, im]
}

const turned = ([re, im]: Phasor, angle: number): Phasor => [
  re * Math.cos(angle) - im * Math.sin(angle),
  re * Math.sin(angle) + im * Math.cos(angle)
]

const sum = (...parts: readonly Phasor[]): [number, number] => [
  parts.reduce((total, [re]) => total + re, 0),
  parts.reduce((total, [, im]) => total + im, 0)
]
