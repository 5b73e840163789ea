// The amplifier, in a process of its own: it goes on measuring whatever happens to its host.
import { simulateGsv } from '@messwerk/gsv-driver/simulator'
import type { GsvPlan } from './gsv-plan.ts'

const plan = JSON.parse(process.argv[2] as string) as GsvPlan
process.on('disconnect', () => process.exit(0))

const amplifier = simulateGsv({
  rate: plan.rate,
  channels: [
    {
      name: 'id',
      unit: 'mm',
      noise: 0,
      scale: plan.amplitude,
      sine: { amplitude: plan.amplitude, frequency: plan.frequency }
    },
    { name: 'v', unit: 'mm/s', offset: 100, noise: 0, scale: 1000, sine: { amplitude: 10, frequency: plan.ripple } }
  ]
})
for (const { from, scans, size } of plan.anomalies) {
  amplifier.inject({ kind: 'shift', channel: 'v', at: from, for: scans, size })
}
const url = await amplifier.listen()
process.send?.({ port: Number(new URL(url).port) })
let told = -1
setInterval(() => {
  const { sent, lost } = amplifier
  if (sent === told) return
  told = sent
  process.send?.({ sent, lost, at: performance.timeOrigin + performance.now() })
}, 3)
