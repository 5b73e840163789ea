// What python/messwerk_bundle.py writes is loaded here: its own tests keep their files, with more rows and the scores that are due.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { pythonEnvironment, runPython } from '../../../../test/servers/python-environment.ts'
import { loadModel } from '../models/load-model.ts'
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
    const { channels } = model.manifest!
    const values = Float64Array.from(channels.flatMap((_, c) => rows.map((row) => row[c]!)))
    const samples = { channels: channels.map(({ name }) => name), length: rows.length, values, seconds: 1 }
    const here = await scoresOf(model, channels, samples)
    const apart = here.map((score, i) => Math.abs(score - scores[i]!) / Math.max(1, Math.abs(scores[i]!)))
    expect(Math.max(...apart), file).toBeLessThanOrEqual(1e-5)
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
