// Trains an isolation forest and an autoencoder on healthy runs of a motor, writes each as one ONNX file with its threshold, and
// scores the whole recording. score.py does the latter in Python, from these files alone, and compares.
//   npm run examples -- train     this half
//   python3 score.py out          the other: needs numpy and onnxruntime
import { mkdirSync, writeFileSync } from 'node:fs'
import { autoencoder, isolationForest } from '@messwerk/detectors'
import { toOnnx } from '@messwerk/detectors/models'
import { alarmsOf } from './alarms.ts'
import { HEALTHY, motorRecording, part, phases, RUNS, table } from './motor-recording.ts'

process.chdir(import.meta.dirname)
mkdirSync('out', { recursive: true })

const { all, runs } = await motorRecording()
const [third, faulty] = [runs.indexOf(HEALTHY - 1), runs.indexOf(HEALTHY)]
console.log(`${all.length} scans of ${RUNS.length} runs; learning from two healthy ones`)
writeFileSync('out/recording.csv', table({ all, runs }))

const specs = {
  'isolation-forest': isolationForest({ seed: 1 }),
  autoencoder: autoencoder({ hidden: [12, 2, 12], seed: 1 })
}
for (const [name, spec] of Object.entries(specs)) {
  const detector = spec.create(phases)
  detector.fit(part(all, 0, third))
  // The third healthy run tells how high normal scores get.
  const highest = Math.max(...detector.score(part(all, third, faulty)))
  const threshold = { raise: 1.1 * highest, clear: highest }
  const units = Object.fromEntries(phases.map((phase) => [phase.name, phase.unit]))
  writeFileSync(`out/${name}.onnx`, toOnnx(detector, { units, threshold }))

  const scores = detector.score(all)
  const alarms = alarmsOf(scores, runs, threshold)
  writeFileSync(`out/${name}.json`, JSON.stringify({ alarms, scores: [...scores] }))
  const inAlarm = new Set(alarms.map(([from]) => runs[from]!))
  const healthy = [...inAlarm].filter((run) => run < HEALTHY).length
  const found = `in ${inAlarm.size - healthy} of ${RUNS.length - HEALTHY} faulty runs and ${healthy} of ${HEALTHY} healthy ones`
  console.log(`${name}: alarm from ${threshold.raise.toFixed(3)}; ${alarms.length} alarms, ${found}`)
}
