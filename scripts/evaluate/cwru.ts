import { type Corpus, filesOf } from './corpus.ts'
import { everySecond, itemsOf } from './every-second.ts'
import { numbersOf, readTable } from './table.ts'
import { shapeNames, shapeOf, windowsOf } from './window-features.ts'

const WINDOW = 1024
const CHANNELS = ['DE', 'FE']

/** Vibration of a bearing, healthy and with seeded faults. */
export const cwru: Corpus = {
  name: 'cwru',
  protocols: ['normals'],
  about: `windows of ${WINDOW} rows at 12 kHz (files at 48 kHz are filtered and thinned), ${shapeNames.length} features a channel; fit every second healthy window, score all others, 5 seeds`,
  run(task) {
    const rows: number[][] = []
    const labels: number[] = []
    for (const { name, path } of filesOf(task.folder)) {
      const table = readTable(path)
      const label = numbersOf(table, 'label')[0]!
      const is48k = name.endsWith('_48k')
      const columns = CHANNELS.map((channel) => numbersOf(table, channel)).map((x) => (is48k ? quarter(x) : x))
      for (const window of windowsOf(columns, WINDOW)) {
        rows.push(window.flatMap(shapeOf))
        labels.push(label)
      }
    }
    const names = CHANNELS.flatMap((channel) => shapeNames.map((shape) => `${channel}.${shape}`))
    return { rows: everySecond('windows', itemsOf(names, rows, labels), task) }
  }
}

/** Every fourth value behind a low-pass: 65 taps of a sinc with Hamming's window, cut-off at 0.45 of the new rate. */
function quarter(values: Float64Array): Float64Array {
  const half = 32
  const taps = Float64Array.from({ length: 2 * half + 1 }, (_, k) => tap(k - half, half))
  const sum = taps.reduce((total, value) => total + value, 0)
  return Float64Array.from({ length: Math.floor((values.length - 2 * half) / 4) }, (_, i) => {
    let filtered = 0
    for (let k = 0; k < taps.length; k += 1) filtered += (taps[k]! / sum) * values[4 * i + k]!
    return filtered
  })
}

function tap(k: number, half: number): number {
  const cutOff = 0.45 / 4
  const sinc = k === 0 ? 2 * cutOff : Math.sin(2 * Math.PI * cutOff * k) / (Math.PI * k)
  return sinc * (0.54 + 0.46 * Math.cos((Math.PI * k) / half))
}
