// Your CSV: every column of numbers is watched; without a file of yours, the recording of the quickstart.
//   npm run example your-csv.ts recording.csv Ia=A Ib=A Ic=A rate=1000
import { resolve } from 'node:path'
import { detect, format, observe, rms, toEvents } from '@messwerk/core'
import { robustZ } from '@messwerk/detectors'
import { replay } from '@messwerk/storage/files'

const started = process.env.INIT_CWD ?? '.'
const recording = `${import.meta.dirname}/../data/itsc/currents.csv.gz`
const [file, ...pairs] = process.argv.length > 2 ? process.argv.slice(2) : [recording, 'Ia=A', 'Ib=A', 'Ic=A']
const settings = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]))
const { rate = '1000', ...channels } = settings

const source = replay(resolve(started, file as string), {
  channels,
  rate: Number(rate),
  onBadLine: (error) => console.warn(error.message)
})
observe(source)
  .pipe(
    rms({ window: { scans: 50 } }),
    detect(robustZ(), { learn: { scans: 100 }, threshold: { raise: 12, clear: 6 } }),
    toEvents()
  )
  .subscribe({
    next: (event) => event.phase === 'end' && console.log(format(event, { utc: true })),
    error: (error: Error) => {
      console.error(error.message)
      process.exitCode = 1
    }
  })
