// Your numbers: push them, get alarms as sentences. Here a pump that is made up; put your own reading in its place.
import { detect, format, observe, pushSource, toEvents } from '@messwerk/core'
import { robustZ } from '@messwerk/detectors'

const pump = pushSource({ stream: 'pump-1', channels: { pressure: 'bar', current: 'A' } })
observe(pump)
  .pipe(detect(robustZ(), { learn: '2s', threshold: { raise: 8, clear: 4 } }), toEvents())
  .subscribe((event) => console.log(format(event)))

console.log('pump-1: learning for 2 s, then something happens')
const started = performance.now()
const timer = setInterval(() => {
  const seconds = (performance.now() - started) / 1000
  const isBlocked = seconds > 3 && seconds < 3.5
  pump.push({ pressure: 3.1 + 0.1 * noise() + (isBlocked ? 1.1 : 0), current: 0.9 + 0.02 * noise() })
  if (seconds < 5) return
  clearInterval(timer)
  pump.end()
}, 10)

function noise(): number {
  return Math.random() + Math.random() + Math.random() - 1.5
}
