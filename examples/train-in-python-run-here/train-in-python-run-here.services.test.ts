import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadModel, type Model } from '@messwerk/detectors/models'
import { expect, it } from 'vitest'
import { openChromium } from '../../test/chromium.ts'
import { pythonEnvironment, runPython } from '../../test/servers/python-environment.ts'
import { compare } from './compare.ts'
import { serve } from './serve.ts'

const here = import.meta.dirname
const root = join(here, '..', '..')
const files = ['/', '/autoencoder.mwz', '/forest.mwz', '/page.js', '/pump.csv', '/scores.csv']

it('the page scores 10 000 rows as Python did, without a runtime', async (test) => {
  const browser = await openChromium(test)
  const { url, close } = await serve(0)
  try {
    const page = await browser.newPage()
    const problems: string[] = []
    const requests = new Set<string>()
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => requests.add(request.url()))
    await page.goto(url)
    await page.waitForSelector('body[data-state]')
    expect(await page.textContent('#problem')).toBe('')
    for (const name of ['forest', 'autoencoder']) {
      const result = page.locator(`[data-model=${name}]`)
      expect(await result.getAttribute('data-way'), name).toBe('native')
      expect(await result.textContent()).toContain('10000 rows, largest difference')
      const largest = Number(await result.getAttribute('data-largest'))
      expect(largest, name).toBeLessThanOrEqual(1e-6)
      expect(largest, 'of the same rows in Node').toBe(await largestHere(here, name))
    }
    expect(problems).toEqual([])
    expect([...requests].map((address) => new URL(address).pathname).sort()).toEqual(files)
  } finally {
    close()
    await browser.close()
  }
})

it('a model that is trained anew scores here as there', { timeout: 600_000 }, async (test) => {
  const python = await pythonEnvironment(test)
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-train-'))
  try {
    expect(await runPython(python, [join(here, 'train.py'), folder])).toContain('forest: ROC-AUC 0.9')
    expect(await largestHere(folder, 'forest')).toBeLessThanOrEqual(1e-6)
    expect(readFileSync(join(folder, 'pump.csv'), 'utf8')).toBe(readFileSync(join(here, 'pump.csv'), 'utf8'))
    const [made, committed] = [folder, here].map((place) => readFileSync(join(place, 'scores.csv'), 'utf8').split('\n'))
    expect(made!.map((line) => line.split(',')[0])).toEqual(committed!.map((line) => line.split(',')[0]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

it('the page From Python: its pipeline, then its Python, make the model that is committed', {
  timeout: 600_000
}, async (test) => {
  const python = await pythonEnvironment(test)
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-page-'))
  const program = join(here, 'out', 'features.ts')
  try {
    symlinkSync(join(here, '..'), join(folder, 'examples'), 'junction')
    mkdirSync(join(here, 'out'), { recursive: true })
    writeFileSync(
      program,
      /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'docs/models/from-python.md'), 'utf8'))![1]!
    )
    await promisify(execFile)(process.execPath, ['--import', import.meta.resolve('tsx'), program], { cwd: folder })
    await runPython(python, [join(here, 'from_features.py')], { PYTHONPATH: join(root, 'python') }, folder)
    const [made, committed] = await Promise.all([folder, here].map((place) => loadModel(join(place, 'pump.mwz'))))
    expect(made!.manifest!.channels.map(({ unit }) => unit)).toEqual(['bar', 'A', 'Cel', 'mm/s'])
    const [scores, expected] = await Promise.all([made!, committed!].map(scoresOfRamps))
    expect(expected).toHaveLength(100)
    for (const [i, score] of scores!.entries()) expect(score, `row ${i}`).toBeCloseTo(expected![i]!, 7)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

/** Of rows that go through the range of all channels, each at its own pace. */
async function scoresOfRamps(model: Model): Promise<Float64Array> {
  const channels = model.manifest!.channels.map(({ name, unit }) => ({ name, unit }))
  const middle = [5, 15, 60, 1.6]
  const values = Float64Array.from(
    { length: 400 },
    (_, k) => middle[Math.floor(k / 100)]! * (0.7 + ((k * 37) % 61) / 100)
  )
  const samples = { channels: channels.map(({ name }) => name), length: 100, values, seconds: 1 }
  return await model.create(channels).score(samples)
}

async function largestHere(folder: string, name: string): Promise<number> {
  const [rows, scores] = ['pump.csv', 'scores.csv'].map((file) => readFileSync(join(folder, file), 'utf8'))
  return (await compare(await loadModel(join(folder, `${name}.mwz`)), rows!, scores!)).largest
}
