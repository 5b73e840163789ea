// The files once more with the tools of others: Python's onnx checks them, Python's onnxruntime scores 10 000 rows.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Detector, DetectorSpec } from '@messwerk/core/model'
import { afterAll, expect, it } from 'vitest'
import { pythonEnvironment, runPython } from '../../../../test/servers/python-environment.ts'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { spe } from '../pca/spe.ts'
import { t2 } from '../pca/t2.ts'
import { minMaxScaler } from '../scalers/min-max-scaler.ts'
import { Random } from '../statistics/random.ts'
import { toOnnx } from './to-onnx.ts'

const [ROWS, WIDTH, WINDOW] = [10_000, 4, 6]
const script = join(import.meta.dirname, '..', '..', 'scripts', 'onnx-score.py')
const folder = mkdtempSync(join(tmpdir(), 'messwerk-onnx-'))
const channels = Array.from({ length: WIDTH }, (_, c) => ({ name: `c${c}`, unit: '1' }))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const specs: Record<string, DetectorSpec> = {
  forest: isolationForest({ seed: 1 }),
  'forest-features': isolationForest({ seed: 2, trees: 37, sample: 1000, maxFeatures: 0.5 }),
  t2: t2(),
  spe: spe({ components: 2 }),
  autoencoder: autoencoder({ epochs: 3 }),
  elu: autoencoder({ epochs: 2, activation: 'elu', output: 'sigmoid', scaler: 'min-max', hidden: [5, 2] }),
  window: autoencoder({ epochs: 2, activation: 'relu', hidden: [6], window: { scans: WINDOW } })
}

it('files pass the checker, and onnxruntime gives our scores', { timeout: 900_000 }, async (test) => {
  const python = await pythonEnvironment(test)
  const rows = rowsOf(ROWS, 1)
  const detectors = Object.entries(specs).map(([name, spec]) => [name, learned(spec)] as const)
  for (const [name, detector] of detectors) {
    writeFileSync(join(folder, `${name}.onnx`), toOnnx(detector))
    writeFileSync(join(folder, `${name}.rows`), name === 'window' ? windowsOf(rows) : rows)
  }
  const scaler = minMaxScaler({ range: [-1, 1], clip: true }).fit(samplesOf(rowsOf(500, 2)))
  writeFileSync(join(folder, 'scaler.onnx'), toOnnx(scaler, { opset: 21 }))
  writeFileSync(join(folder, 'scaler.rows'), rows)

  const printed = await runPython(python, [script, folder])

  expect(printed.trim().split('\n')).toHaveLength(detectors.length + 1)
  for (const [name, detector] of detectors) {
    detector.gap?.()
    const ours = detector.score(samplesOf(rows)).slice(name === 'window' ? WINDOW - 1 : 0)
    expectNear(name, outputOf(name, 'score'), ours)
    if (name.startsWith('forest'))
      expectNear(
        name,
        outputOf(name, 'score_samples'),
        ours.map((x) => -x)
      )
  }
  const { values, length } = samplesOf(rows)
  const scaled = scaler.transform(values, length)
  const byRow = Float64Array.from(rows, (_, k) => scaled[(k % WIDTH) * length + Math.floor(k / WIDTH)]!)
  expectNear('scaler', outputOf('scaler', 'scaled'), byRow)
})

function expectNear(name: string, theirs: Float64Array, ours: Float64Array): void {
  expect(theirs.length, name).toBe(ours.length)
  let most = 0
  for (let i = 0; i < ours.length; i += 1)
    if (theirs[i] !== ours[i]) most = Math.max(most, Math.abs(theirs[i]! - ours[i]!) / Math.abs(ours[i]!))
  expect(most, name).toBeLessThan(1e-6)
}

function outputOf(name: string, output: string): Float64Array {
  const bytes = readFileSync(join(folder, `${name}.${output}`))
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

function learned(spec: DetectorSpec): Detector {
  const detector = spec.create(channels)
  detector.fit(samplesOf(rowsOf(1000, 3)))
  return detector
}

/** Tied channels of different levels, as float32; every 50th scan is far off. */
function rowsOf(length: number, seed: number): Float32Array {
  const random = new Random(seed)
  const rows = new Float32Array(length * WIDTH)
  for (let i = 0; i < length; i += 1) {
    const [a, b, far] = [random.normal(), random.normal(), i % 50 === 7 ? 6 : 0]
    rows.set([a + far, 100 + a + 0.1 * b, 1e-3 * b, 1e4 * (a - b) + 30 * random.normal()], i * WIDTH)
  }
  return rows
}

function windowsOf(rows: Float32Array): Float32Array {
  const size = WINDOW * WIDTH
  return Float32Array.from(
    { length: (ROWS - WINDOW + 1) * size },
    (_, k) => rows[Math.floor(k / size) * WIDTH + (k % size)]!
  )
}

function samplesOf(rows: Float32Array) {
  const length = rows.length / WIDTH
  const values = Float64Array.from(rows, (_, k) => rows[(k % length) * WIDTH + Math.floor(k / length)]!)
  return { channels: channels.map(({ name }) => name), length, values, seconds: 0.01 }
}
