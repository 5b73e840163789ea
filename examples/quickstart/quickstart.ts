// Two machines watched, in one program: a GSV amplifier with a force/torque sensor (simulated, but speaking the real bytes
// over TCP), and a real recording of a motor. Everything lands in one database file and one report.

import { detect, pipeline, sequenceComponents, toEvents } from '@messwerk/core'
import { consoleSink } from '@messwerk/core/node'
import { robustZ, zScore } from '@messwerk/detectors'
import { gsvSource } from '@messwerk/gsv-driver'
import { simulateGsv } from '@messwerk/gsv-driver/simulator'
import { duckdbSink } from '@messwerk/storage/duckdb'
import { replay } from '@messwerk/storage/files'
import { PAUSE, RUNS } from './motor.ts'
import { showProgress, wait } from './progress.ts'
import { report, startAnew, summary } from './summary.ts'

process.chdir(import.meta.dirname)
const path = startAnew('out/quickstart.duckdb')
const store = (table: string) => duckdbSink({ path, table, memory: '32MiB' })
const rules = { learn: '5s', threshold: { raise: 8, clear: 5 } } as const

// 1. The amplifier, live for 20 s: three faults and one second of frames that never arrive.
const amplifier = simulateGsv({ rate: 1000, seed: 7 })
amplifier.inject({ kind: 'shift', channel: 'force_z', at: 8_000, for: 400, size: 60 })
amplifier.inject({ kind: 'spike', channel: 'torque_x', at: 13_000, for: 20, size: 0.6 })
amplifier.inject({ kind: 'drift', channel: 'force_x', at: 16_000, for: 1_500, size: 25 })
amplifier.loseFrames({ at: 10_000, count: 1_000 })

const press = gsvSource({
  url: await amplifier.listen(),
  id: 'press-3',
  channels: { 1: 'force_x', 2: 'force_y', 3: 'force_z', 4: 'torque_x', 5: 'torque_y', 6: 'torque_z' }
})
const live = pipeline('press-3')
  .from(press)
  .to(store('raw'))
  .pipe(detect(robustZ(), rules))
  .to(store('scores'))
  .events(toEvents(), store('events'))
  .events(toEvents(), consoleSink())
  .start({ log: console })
const progress = showProgress(live)
await wait('20s')
await live.stop()
progress.end()

// 2. The same chain over an hour without a fault, as fast as possible: does it cry wolf?
const quiet = simulateGsv({ rate: 1000, seed: 8 })
const hour = pipeline('an hour of press-3')
  .from(gsvSource({ link: () => quiet.link({ speed: 'max', duration: '1h' }), id: 'press-3-normal' }))
  .pipe(detect(robustZ(), { ...rules, explain: 'never' }))
  .events(toEvents(), store('false_alarms'))
  .start()
await hour.done

// 3. The motor: currents of healthy runs and of runs with shorted turns, one after the other with a gap between them.
const motor = replay('../data/itsc/currents.csv.gz', {
  stream: 'motor',
  channels: { Ia: 'A', Ib: 'A', Ic: 'A' },
  rate: 1000,
  group: { column: 'run', as: 'gaps', order: RUNS, pause: PAUSE }
})
const recorded = pipeline('motor')
  .from(motor)
  .to(store('motor_raw'))
  .pipe(
    sequenceComponents({ phases: ['Ia', 'Ib', 'Ic'], frequency: 60, window: '50ms' }),
    detect(zScore({ channels: ['sequence.ratio.real', 'sequence.ratio.imaginary'] }), {
      learn: { scans: 40 }, // two healthy runs
      threshold: { raise: 8, clear: 4 }
    })
  )
  .to(store('motor_scores'))
  .events(toEvents(), store('motor_events'))
  .start({ log: { ...console, warn: () => {} } }) // its gaps are the pauses between runs
await recorded.done

console.log(await summary({ path, amplifier, live, hour, recorded }))
console.log(await report({ path, live, file: 'out/quickstart.html' }))
await amplifier.close()
