// Runs what train.py made: scores every row of pump.csv, compares with the scores that Python wrote, and raises the alarms.
//   npx tsx run.ts
import { readFileSync } from 'node:fs'
import { detect, format, observe, toEvents } from '@messwerk/core'
import { loadModel } from '@messwerk/detectors/models'
import { replay } from '@messwerk/storage/files'
import { lastValueFrom, toArray } from 'rxjs'
import { compare } from './compare.ts'

const here = import.meta.dirname
const channels = { pressure: 'bar', current: 'A', temperature: 'Cel', vibration: 'mm/s' }
const [rows, scores] = ['pump.csv', 'scores.csv'].map((file) => readFileSync(`${here}/${file}`, 'utf8'))

for (const name of ['forest', 'autoencoder']) {
  const model = await loadModel(`${here}/${name}.mwz`)
  const result = await compare(model, rows!, scores!)
  console.log(
    `${name}: ${result.rows} rows, largest difference ${result.largest.toExponential(1)} (${model.way}: ${model.wayReason})`
  )
  if (!(result.largest <= 1e-6)) throw new Error(`${name}: not the scores of Python`)

  const pump = observe(replay(`${here}/pump.csv`, { channels, rate: 10, start: new Date('2026-03-02T06:00:00Z') }))
  const events = await lastValueFrom(pump.pipe(detect(model), toEvents(), toArray()))
  for (const event of events) if (event.phase === 'end') console.log(`  ${format(event, { utc: true })}`)
}
