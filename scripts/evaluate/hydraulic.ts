import { join } from 'node:path'
import type { Corpus } from './corpus.ts'
import { everySecond, itemsOf } from './every-second.ts'
import { numbersOf, readTable } from './table.ts'
import { spanOf } from './window-features.ts'

/** The component and the state in which it is good. */
const COMPONENTS: readonly (readonly [string, number])[] = [
  ['cooler', 100],
  ['valve', 100],
  ['pump', 0],
  ['accumulator', 130]
]
const NOT_SENSORS = ['cycle', 't', 'label']

/** Cycles of a hydraulic rig with four components in several states of wear. */
export const hydraulic: Corpus = {
  name: 'hydraulic',
  protocols: ['normals'],
  about:
    'cycles of 60 s: mean, deviation, least and largest value of each of 17 sensors (68 features); one component at a time: fit every second cycle in which it is good, score all others, 5 seeds',
  run(task) {
    const cycles = readTable(join(task.folder, 'cycles.csv.gz'))
    const { names, features } = cycleFeatures(join(task.folder, 'series_1hz.csv.gz'))
    const rows = Array.from(numbersOf(cycles, 'cycle'), (cycle) => features.get(cycle)!)
    return {
      rows: COMPONENTS.flatMap(([component, good]) => {
        const labels = numbersOf(cycles, component).map((state) => (state === good ? 0 : 1))
        return everySecond(component, itemsOf(names, rows, labels), task)
      })
    }
  }
}

function cycleFeatures(path: string): { names: string[]; features: Map<number, number[]> } {
  const table = readTable(path)
  const sensors = [...table.numbers].filter(([name]) => !NOT_SENSORS.includes(name))
  const cycle = numbersOf(table, 'cycle')
  const features = new Map<number, number[]>()
  for (let from = 0; from < table.length; ) {
    let to = from
    while (to < table.length && cycle[to] === cycle[from]) to += 1
    features.set(
      cycle[from]!,
      sensors.flatMap(([, values]) => spanOf(values.subarray(from, to)))
    )
    from = to
  }
  const names = sensors.flatMap(([name]) => ['mean', 'deviation', 'least', 'largest'].map((what) => `${name}.${what}`))
  return { names, features }
}
