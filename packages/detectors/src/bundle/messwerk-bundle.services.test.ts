// What python/messwerk_bundle.py writes is loaded here: its own tests keep their files, with more rows and the scores that are due.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { pythonEnvironment, runPython } from '../../../../test/servers/python-environment.ts'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { scans } from '../fixtures/digests-of.ts'
import { part, sixChannels } from '../fixtures/six-channels.ts'
import { isolationForest } from '../isolation-forest/isolation-forest.ts'
import { loadModel } from '../models/load-model.ts'
import { saveModel } from '../models/save-model.ts'
import { toOnnx } from '../onnx/to-onnx.ts'
import { t2 } from '../pca/t2.ts'
import { scoresOf } from './bundle-model.ts'

const python = join(import.meta.dirname, '..', '..', '..', '..', 'python')
const folder = mkdtempSync(join(tmpdir(), 'messwerk-bundles-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('the bundles that Python writes load and score here as there', { timeout: 600_000 }, async (test) => {
  const program = await pythonEnvironment(test)
  await runPython(program, ['-m', 'unittest', 'discover', '-s', python], { MESSWERK_BUNDLES: folder })
  const bundles = readdirSync(folder).filter((file) => file.endsWith('.mwz'))
  expect(bundles.length).toBeGreaterThanOrEqual(20)
  const ways = new Map<string, string>()
  for (const bundle of bundles) {
    const model = await loadModel(join(folder, bundle))
    ways.set(bundle.slice(0, -'.mwz'.length), model.way)
    expect(model.proven, bundle).toBe(true)
    const run = await loadModel(join(folder, bundle), { native: false })
    expect([run.way, run.proven], bundle).toEqual(['onnxruntime-node', true])
  }
  for (const name of [
    'forest',
    'forest-features',
    'forest-contamination',
    'forest-standard',
    'network',
    'window-NTC',
    'window-NCT'
  ])
    expect(ways.get(name), name).toBe('native')
  expect(ways.get('lof')).toBe('onnxruntime-node')
})

it('for rows that are not in the proof too', { timeout: 600_000 }, async () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.rows.json'))
  expect(files.length > 0).toBe(readdirSync(folder).length > 0)
  for (const file of files) {
    const { rows, scores } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      rows: number[][]
      scores: number[]
    }
    const model = await loadModel(join(folder, file.replace('.rows.json', '.mwz')))
    const run = await loadModel(join(folder, file.replace('.rows.json', '.mwz')), { native: false })
    const { channels } = model.manifest!
    const values = Float64Array.from(channels.flatMap((_, c) => rows.map((row) => row[c]!)))
    const samples = { channels: channels.map(({ name }) => name), length: rows.length, values, seconds: 1 }
    for (const one of [model, run]) {
      const here = await scoresOf(one, channels, samples)
      const apart = here.map((score, i) => Math.abs(score - scores[i]!) / Math.max(1, Math.abs(scores[i]!)))
      expect(Math.max(...apart), `${file}, ${one.way}`).toBeLessThanOrEqual(1e-5)
    }
  }
})

it('about.mwz says what its maker said', async (test) => {
  if (readdirSync(folder).length === 0) return test.skip('Python wrote nothing')
  const { model, manifest, threshold } = await loadModel(join(folder, 'about.mwz'))
  expect(model).toMatchObject({ name: 'pump', version: 3 })
  expect(manifest).toMatchObject({
    licence: 'CC-BY-4.0',
    metrics: { rocAuc: 0.93 },
    training: { rows: 600, note: 'line 2' }
  })
  expect(threshold!.create().limit).toBe(0.62)
})

/** As a bundle again, by what the graph says of itself. */
const BUNDLED_AGAIN = `
import json, sys
import numpy as np
import onnx
import messwerk_bundle
graph = onnx.load(sys.argv[1])
told = {entry.key: entry.value for entry in graph.metadata_props}
channels = dict(zip(json.loads(told["messwerk.channels"]), json.loads(told["messwerk.units"])))
messwerk_bundle.save(sys.argv[2], graph, channels, sample_rows=np.array(json.loads(sys.argv[3])),
                     window=json.loads(told.get("messwerk.window", "null")),
                     threshold=json.loads(told["messwerk.threshold"]), score={"output": "score", "higherIs": "anomalous"})
`

it('a bundle of here, written as a graph, made a bundle by Python, scores as before', {
  timeout: 600_000
}, async (test) => {
  const program = await pythonEnvironment(test)
  const normal = part(scans, 0, 400)
  normal.values.forEach((x, k) => {
    normal.values[k] = Math.fround(x)
  })
  const rows = Array.from({ length: 80 }, (_, i) => normal.channels.map((_, c) => normal.values[c * 400 + i]!))
  const kinds = {
    forest: [isolationForest(), 'native'],
    autoencoder: [autoencoder({ epochs: 5 }), 'onnxruntime-node'],
    windows: [autoencoder({ epochs: 3, window: { scans: 6 } }), 'onnxruntime-node'],
    t2: [t2(), 'onnxruntime-node']
  } as const
  for (const [name, [spec, way]] of Object.entries(kinds)) {
    const detector = spec.create(sixChannels)
    detector.fit(normal)
    const options = { name, channels: sixChannels, sampleRows: normal, created: '2026-01-31T12:00:00Z' }
    const before = await loadModel(await saveModel(detector, { ...options, threshold: { raise: 2, clear: 1 } }))
    const [graph, bundle] = [join(folder, `${name}-again.onnx`), join(folder, `${name}-again.mwz`)]
    writeFileSync(graph, toOnnx(before))
    await runPython(program, ['-c', BUNDLED_AGAIN, graph, bundle, JSON.stringify(rows)], { PYTHONPATH: python })
    const after = await loadModel(bundle)
    expect([after.way, after.proven, after.threshold!.create().limit], name).toEqual([way, true, 2])
    const [ours, theirs] = [before, after].map((model) => scoresOf(model, sixChannels, normal))
    const first = name === 'windows' ? 5 : 0 // before, it stood behind what it had learned
    const [wanted, found] = [(await ours!).slice(first), (await theirs!).slice(first)]
    const apart = found.map((score, i) => Math.abs(score / wanted[i]! - 1))
    expect(Math.max(...apart), name).toBeLessThan(1e-6)
    if (way === 'native') expect(found).toEqual(wanted)
  }
})
