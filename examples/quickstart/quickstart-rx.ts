// The amplifier of the quickstart once more, as plain RxJS: no accounts, no backpressure, all operators of RxJS.
import { detect, format, observe, toEvents } from '@messwerk/core'
import { robustZ } from '@messwerk/detectors'
import { gsvSource } from '@messwerk/gsv-driver'
import { simulateGsv } from '@messwerk/gsv-driver/simulator'
import { filter } from 'rxjs'

const amplifier = simulateGsv({ rate: 1000, seed: 7 })
amplifier.inject({ kind: 'shift', channel: 'force_z', at: 8_000, for: 400, size: 60 })
const source = gsvSource({ link: () => amplifier.link({ speed: 'max', duration: '20s' }), channels: { 3: 'force_z' } })

observe(source)
  .pipe(detect(robustZ(), { learn: '5s', threshold: { raise: 8, clear: 5 } }), toEvents())
  .pipe(filter(({ phase }) => phase === 'end'))
  .subscribe((event) => console.log(format(event).slice('hh:mm:ss '.length)))
