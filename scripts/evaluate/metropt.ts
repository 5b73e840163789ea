import { join } from 'node:path'
import type { Corpus } from './corpus.ts'
import { everySecond } from './every-second.ts'
import { featuresOf, numbersOf, readTable } from './table.ts'

/** Statistics over windows of an air compressor of a metro train. */
export const metropt: Corpus = {
  name: 'metropt',
  protocols: ['normals'],
  about: 'windows of about 21 minutes, 75 features; fit every second normal window, score all others, 5 seeds',
  run(task) {
    const table = readTable(join(task.folder, 'windows.csv.gz'))
    const items = { features: featuresOf(table, ['fold']), labels: numbersOf(table, 'label') }
    return { rows: everySecond('windows', items, task) }
  }
}
