// Every detector of the package through a file and back: the same bits, here and in another process.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Detector, type DetectorSpec, toText } from '@messwerk/core/model'
import { afterAll, describe, expect, it } from 'vitest'
import { nativeModels } from '../bundle/native-models.ts'
import { scans } from '../fixtures/digests-of.ts'
import { everyDetector, otherWays } from '../fixtures/every-detector.ts'
import { part, sixChannels } from '../fixtures/six-channels.ts'
import * as detectors from '../index.ts'
import { ensemble, randomCutForest, robustZ } from '../index.ts'
import { loadedAnswers } from './fixtures/loaded-answers.ts'
import { loadModel, robustScaler, saveModel, scaled, standardScaler } from './index.ts'

const normal = part(scans, 0, 200)
const channels = sixChannels.map(({ name, unit }) => ({ name, unit }))
const options = { name: 'six', channels, sampleRows: part(scans, 400, 620), created: '2026-01-31T12:00:00Z' }

/** One that core makes, which a file has no name for. */
const isOfCore = (name: string): boolean => name.startsWith('p-value')
const models: Readonly<Record<string, () => DetectorSpec>> = Object.assign(
  Object.fromEntries(Object.entries({ ...everyDetector, ...otherWays }).filter(([name]) => !isOfCore(name))),
  {
    // fewer trees, in a tenth of the time
    randomCutForest: () => randomCutForest({ trees: 4, sample: 64 }),
    scaled: () => scaled(standardScaler().fit(normal), robustZ()),
    'narrowed to one channel': () => robustZ().only!('torque'),
    'an ensemble of scaled ones': () => ensemble([scaled(robustScaler().fit(normal), robustZ()), robustZ()])
  }
)

const program = join(import.meta.dirname, 'fixtures', 'load-elsewhere.ts')
const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
afterAll(async () => {
  child.stdin.end()
  if (child.exitCode === null) await once(child, 'exit')
})

describe('a model file', () => {
  it('may hold every detector that the package exports', () => {
    const known = Object.keys(nativeModels).filter((name) => name !== 'scaled')
    expect(known.filter((name) => !(name in detectors))).toEqual([])
    expect(Object.keys(everyDetector).filter((name) => !known.includes(name))).toEqual([])
  })

  it.each(Object.entries(models))('with %s scores with the same bits', { timeout: 120_000 }, async (name, make) => {
    const detector: Detector = make().create(channels)
    detector.fit(normal)
    const bytes = await saveModel(detector, options)
    const model = await loadModel(bytes)
    expect(model.way).toBe('native')
    // what is loaded stands at the beginning of a stream
    detector.gap?.()
    expect(detector.ready).toBe(true)
    const here = loadedAnswers(detector)
    expect(loadedAnswers((model as DetectorSpec).create(channels)) === here, `${name} answers otherwise`).toBe(true)
    child.stdin.write(`${toText(bytes)}\n`)
    const { value } = await lines.next()
    expect(value === here, `${name} answers otherwise in another process`).toBe(true)
    expect(await saveModel(model as DetectorSpec, options)).toEqual(bytes)
  })
})
