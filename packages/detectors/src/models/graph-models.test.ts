import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DetectorSpec, limits } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { samples } from '../index.ts'
import { reasonOf } from './fixtures/pump.ts'
import { loadModel, saveModel } from './index.ts'

describe('a graph', () => {
  const fixtures = join(import.meta.dirname, '..', 'onnx', 'fixtures')
  interface Facts {
    readonly rows: readonly (readonly number[])[]
    readonly model: { readonly score_samples: readonly number[] }
    readonly window?: { readonly scans: number; readonly layout: 'NCT' }
  }
  const bytesOf = (file: string) => new Uint8Array(readFileSync(join(fixtures, file)))
  const factsOf = (name: string): Facts => JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'))
  const widthOf = ({ rows, window }: Facts) => rows[0]!.length / (window?.scans ?? 1)
  const channelsOf = (facts: Facts) => Array.from({ length: widthOf(facts) }, (_, c) => ({ name: `c${c}`, unit: '' }))
  const rowsOf = (facts: Facts) => {
    const names = channelsOf(facts).map(({ name }) => name)
    return samples(Object.fromEntries(names.map((name, c) => [name, facts.rows.map((row) => row[c]!)])))
  }
  const common = { name: 'graph', created: '2026-01-31T12:00:00Z' }

  it('of a forest is read, and needs no runtime', async () => {
    const facts = factsOf('forest')
    const [given, sampleRows] = [{ ...common, channels: channelsOf(facts) }, rowsOf(facts)]
    const file = await saveModel(bytesOf('forest.onnx'), { ...given, sampleRows, score: 'sklearn-score-samples' })
    const model = (await loadModel(file)) as DetectorSpec
    expect(model).toMatchObject({
      way: 'native',
      wayReason: 'an isolation forest that is read from the graph',
      proven: true
    })
    const scores = model.create(given.channels).score(sampleRows)
    expect(Array.from(scores)).toEqual(facts.model.score_samples.map((wanted) => expect.closeTo(-wanted, 6)))
    const elsewhere = await loadModel(file, { native: false })
    expect(elsewhere).toMatchObject({ way: 'onnxruntime-node', wayReason: 'native: false was asked for', async: true })
    expect(await saveModel(bytesOf('forest.onnx'), { ...given, sampleRows, score: 'sklearn-score-samples' })).toEqual(
      file
    )
  })

  it('of another kind is run, and says why', async () => {
    const facts = factsOf('lof')
    const given = { ...common, channels: channelsOf(facts), sampleRows: rowsOf(facts) }
    const model = await loadModel(await saveModel(bytesOf('lof.onnx'), { ...given, score: 'sklearn-decision' }))
    expect(model.way).toBe('onnxruntime-node')
    expect(model.wayReason).toMatch(/^readForest: /)
    const lib = () => Promise.reject(new Error('not here'))
    await expect(
      loadModel(await saveModel(bytesOf('lof.onnx'), { ...given, score: 'sklearn-decision' }), { lib })
    ).rejects.toThrow()
  })

  it.each(['autoencoder-torchscript', 'autoencoder-external', 'window-nct'])(
    '%s scores the same both ways',
    async (name) => {
      const facts = factsOf(name)
      const external = name.includes('external') ? { [`${name}.onnx.data`]: bytesOf(`${name}.onnx.data`) } : {}
      const flat = { rows: facts.rows.map((row) => row.slice(0, widthOf(facts))), model: facts.model }
      const given = { ...common, channels: channelsOf(facts), sampleRows: rowsOf(flat), external }
      const { window } = facts
      const file = await saveModel(bytesOf(`${name}.onnx`), { ...given, score: 'reconstruction', window })
      const [native, run] = [await loadModel(file), await loadModel(file, { native: false })]
      expect([native.way, run.way]).toEqual(['native', 'onnxruntime-node'])
    }
  )

  it('without a manifest needs one said, and proves nothing', async () => {
    const facts = factsOf('forest')
    const file = join(fixtures, 'forest.onnx')
    expect(await reasonOf(loadModel(file))).toMatch(/^malformed: .*graph: \{ channels, score \}/)
    const graph = { channels: channelsOf(facts), score: 'sklearn-score-samples', threshold: { raise: 0.6 } } as const
    const model = await loadModel(file, { graph })
    expect(model).toMatchObject({ way: 'native', proven: false, model: { name: 'model', version: 1 } })
    expect(model.wayReason).toMatch(/; it has no proof$/)
    expect([model.manifest, model.threshold?.kind]).toEqual([undefined, limits({ raise: 1 }).kind])
    const few = { ...graph, channels: graph.channels.slice(1) }
    expect(await reasonOf(loadModel(file, { graph: few }))).toMatch(/^channel: /)
    await expect(loadModel(file, { graph: { ...graph, channels: [] } })).rejects.toThrow(
      /graph.channels must be a list/
    )
    await expect(loadModel(file, { graph: { ...graph, score: undefined as never } })).rejects.toThrow(
      /graph.score must/
    )
    await expect(loadModel(file, { graph: { ...graph, version: 0 } })).rejects.toThrow(/graph.version must/)
  })

  it('that is damaged is malformed, whoever would run it', async () => {
    const graph = { channels: [{ name: 'a', unit: '' }], score: 'reconstruction' } as const
    expect(await reasonOf(loadModel(Uint8Array.of(1, 2, 3), { graph }))).toMatch(/^malformed: /)
  })
})
