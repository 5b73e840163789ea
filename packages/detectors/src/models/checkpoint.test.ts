// A checkpoint of a model that looks back holds the scans that it looks back on, not what it has learned.
import { readFileSync } from 'node:fs'
import { detect } from '@messwerk/core'
import {
  type Block,
  blockOf,
  type DetectorSpec,
  fromText,
  type Kernel,
  type Samples,
  toText
} from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { autoencoder } from '../autoencoder/autoencoder.ts'
import { part, sixChannels, sixChannelsOf } from '../fixtures/six-channels.ts'
import { fileOf, fixtureOf } from '../onnx-runtime/fixtures/python-models.ts'
import { loadModel, robustScaler, saveModel } from './index.ts'

const common = { name: 'press', created: '2026-01-31T12:00:00Z', threshold: { raise: 2, clear: 1 } }
const scans = sixChannelsOf('two shared movements', 600, 3)

async function trainedHere(): Promise<{ file: Uint8Array; tried: Samples }> {
  const detector = autoencoder({ window: { scans: 12 }, epochs: 2 }).create(sixChannels)
  detector.fit(part(scans, 0, 500))
  const tried = part(scans, 500, 600)
  return { file: await saveModel(detector, { ...common, channels: sixChannels, sampleRows: scans }), tried }
}

async function fromPython(): Promise<{ file: Uint8Array; tried: Samples }> {
  const { samples, window } = fixtureOf('window-ntc')
  const channels = samples.channels.map((name) => ({ name, unit: '' }))
  const given = { ...common, channels, sampleRows: samples, window, score: 'reconstruction' as const }
  const graph = new Uint8Array(readFileSync(fileOf('window-ntc.onnx')))
  return { file: await saveModel(graph, { ...given, scaler: robustScaler().fit(samples) }), tried: samples }
}

const blocksOf = ({ channels, length, values }: Samples): Block[] =>
  Array.from({ length }, (_, i) =>
    blockOf(
      { stream: 'press', channels: Object.fromEntries(channels.map((name) => [name, unitOf(name)])), rate: 100 },
      Object.fromEntries(channels.map((name, c) => [name, [values[c * length + i]!]]))
    )
  )
const unitOf = (name: string): string => sixChannels.find((channel) => channel.name === name)?.unit ?? '1'
const through = (kernel: Kernel, blocks: readonly Block[]): number[] =>
  blocks.flatMap((block) => {
    const out = kernel.process(block) as Block
    return [...out.values]
  })

it.each([
  ['an autoencoder of windows', trainedHere],
  ['a network from Python', fromPython]
])('%s goes on from a checkpoint that holds no weights', async (_, make) => {
  const { file, tried } = await make()
  const spec = (await loadModel(file)) as DetectorSpec
  const blocks = blocksOf(tried)
  const stream = blocks[0]!.stream
  const kernel = (): Kernel => detect(spec, { explain: 'all' }).kernel(stream) as Kernel
  const whole = through(kernel(), blocks)
  for (const cut of [1, 5, 17]) {
    const first = kernel()
    const before = through(first, blocks.slice(0, cut))
    const saved = toText(first.snapshot!())
    const { detector, place } = fromText(saved) as { detector?: unknown; place?: { state: Record<string, unknown> } }
    expect(detector).toBeUndefined()
    expect(Object.keys(place!.state).sort()).toEqual(expect.arrayContaining(['clock', 'settings', 'trailing']))
    expect(Object.keys(place!.state)).not.toContain('weights')
    const second = kernel()
    second.restore!(fromText(saved))
    expect([...before, ...through(second, blocks.slice(cut))]).toEqual(whole)
  }
})

it('a place is refused by a model of another window', () => {
  // as many scans as the period makes of it
  const learned = (seconds: number) => {
    const detector = autoencoder({ window: '70ms', epochs: 1 }).create(sixChannels)
    detector.fit(Object.assign({}, part(scans, 0, 300), { seconds }))
    return detector
  }
  const place = learned(0.01).place!()
  expect(() => learned(0.01).goTo!(place)).not.toThrow()
  expect(() => learned(0.02).goTo!(place)).toThrow(/it was learned with a window of scans 7, this one has 4/)
})
