import { type Corpus, filesOf } from './corpus.ts'
import { everySecond, itemsOf } from './every-second.ts'
import { readTable } from './table.ts'
import { shapeNames, shapeOf, windowsOf } from './window-features.ts'

const WINDOW = 1024

/** Vibration of a gearbox, healthy and with a broken tooth, at several loads. */
export const gearbox: Corpus = {
  name: 'gearbox',
  protocols: ['normals'],
  about: `windows of ${WINDOW} rows of all loads, ${shapeNames.length} features a channel; fit every second healthy window, score all others, 5 seeds`,
  run(task) {
    const rows: number[][] = []
    const labels: number[] = []
    let channels: string[] = []
    for (const { path } of filesOf(task.folder)) {
      const table = readTable(path)
      const columns = [...table.numbers].filter(([name]) => name !== 'label')
      channels = columns.map(([name]) => name)
      const label = table.numbers.get('label')![0]!
      for (const window of windowsOf(
        columns.map(([, values]) => values),
        WINDOW
      )) {
        rows.push(window.flatMap(shapeOf))
        labels.push(label)
      }
    }
    const names = channels.flatMap((channel) => shapeNames.map((shape) => `${channel}.${shape}`))
    return { rows: everySecond('windows', itemsOf(names, rows, labels), task) }
  }
}
