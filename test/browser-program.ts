import * as core from '@messwerk/core'
import { robustZ, zScore } from '@messwerk/detectors'

/** The names of the whole core, and scores to the last bit: the same program in Node and in a browser. */
export function program(): { names: string[]; scores: string[] } {
  const values = Float64Array.from({ length: 512 }, (_, i) => ((i * 7919) % 101) / 7 + (i % 17) / 13)
  const samples = { channels: ['force_x', 'force_y'], length: 256, values, seconds: 0.001 }
  const channels = samples.channels.map((name) => ({ name, unit: 'N' }))
  const scores = [robustZ(), zScore()].flatMap((spec) => {
    const detector = spec.create(channels)
    detector.fit(samples)
    return Array.from(new BigUint64Array(detector.score(samples).buffer), String)
  })
  return { names: Object.keys(core).sort(), scores }
}
