import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DetectorSpec, limits, type Samples } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { scoresOf } from '../bundle/bundle-model.ts'
import { isolationForest, samples } from '../index.ts'
import { withGraph } from '../onnx/fixtures/with-node.ts'
import { readModel } from '../onnx/read-model.ts'
import { toOnnx } from '../onnx/to-onnx.ts'
import { writeModel } from '../onnx/write-model.ts'
import { fixtureOf } from '../onnx-runtime/fixtures/python-models.ts'
import { channels, normal, reasonOf } from './fixtures/pump.ts'
import { type FittedScaler, loadModel, robustScaler, saveModel } from './index.ts'

describe('a graph', () => {
  const fixtures = join(import.meta.dirname, '..', 'onnx', 'fixtures')
  interface Facts {
    readonly rows: readonly (readonly number[])[]
    readonly model: { readonly score_samples: readonly number[] }
    readonly window?: { readonly scans: number; readonly layout: 'NTC' | 'NCT' }
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

  /** Scans with a hole, for a bundle of one of the graphs of Python, and the bundle. */
  const bundled = async (name: string, scaler?: FittedScaler) => {
    const facts = factsOf(name)
    const external = name.includes('external') ? { [`${name}.onnx.data`]: bytesOf(`${name}.onnx.data`) } : {}
    const { samples: sampleRows } = fixtureOf(name)
    const given = { ...common, channels: channelsOf(facts), sampleRows, external, window: facts.window, scaler }
    const values = sampleRows.values.slice()
    values[sampleRows.length - 40] = Number.NaN
    return {
      channels: given.channels,
      scans: Object.assign({}, sampleRows, { values }),
      file: await saveModel(bytesOf(`${name}.onnx`), { ...given, score: 'reconstruction' })
    }
  }

  it.each([
    'autoencoder-torchscript',
    'autoencoder-keras-tanh',
    'autoencoder-external',
    'autoencoder-scaled',
    'window-ntc',
    'window-nct',
    'window-view'
  ])('%s scores the same read natively and by both runtimes, with and without a scaler', async (name) => {
    const { samples: normal } = fixtureOf(name)
    for (const scaler of [undefined, robustScaler().fit(normal)]) {
      const { file, channels, scans } = await bundled(name, scaler)
      const native = await loadModel(file)
      expect([native.way, native.proven]).toEqual(['native', true])
      const wanted = await scoresOf(native, channels, scans)
      expect(wanted.filter(Number.isFinite).length).toBeGreaterThan(10)
      for (const runtime of ['onnxruntime-node', 'onnxruntime-web'] as const) {
        const run = await loadModel(file, { native: false, runtime })
        expect([run.way, run.proven]).toEqual([runtime, true])
        const scores = await scoresOf(run, channels, scans)
        expect(Array.from(scores, Number.isNaN)).toEqual(Array.from(wanted, Number.isNaN))
        const apart = wanted.map((score, i) => Math.abs(scores[i]! - score) / Math.max(1, score))
        expect(Math.max(...apart.filter((x) => !Number.isNaN(x)))).toBeLessThan(1e-5)
      }
    }
  })

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

  it('with an input a channel is read only where these are the channels in their order', async () => {
    const facts = factsOf('forest')
    const forest = readModel(bytesOf('forest.onnx'))
    const names = channelsOf(facts).map(({ name }) => name)
    const [whole] = forest.graph.inputs
    const joined = {
      name: 'joined',
      op: 'Concat',
      domain: '',
      inputs: names,
      outputs: [whole!.name],
      attributes: [{ name: 'axis', kind: 'int', value: 1 } as const]
    }
    const bytes = writeModel(
      withGraph(forest, {
        inputs: names.map((name) => ({ name, element: 'float', dims: ['N', 1] })),
        nodes: [joined, ...forest.graph.nodes]
      })
    )
    const score = 'sklearn-score-samples'
    const wayOf = async (order: readonly string[], input?: readonly string[]) => {
      const channels = order.map((name) => ({ name, unit: '' }))
      const model = await loadModel(bytes, { graph: { channels, score, input } })
      const given = input ? samples(Object.fromEntries(order.map((name, c) => [name, columnOf(names[c]!)]))) : rows
      return [model.way, model.wayReason, await scoresOf(model, channelsIn(given), given)] as const
    }
    const rows = rowsOf(facts)
    const channelsIn = (of: Samples) => of.channels.map((name) => ({ name, unit: '' }))
    const columnOf = (name: string) => facts.rows.map((row) => row[names.indexOf(name)]!)
    const wanted = facts.model.score_samples.map((one) => expect.closeTo(-one, 5))
    for (const [order, input, way] of [
      [names, undefined, 'native'],
      [names.toReversed(), undefined, 'onnxruntime-node'],
      [names.map((name) => `of ${name}`), names, 'native']
    ] as const) {
      const [taken, reason, scores] = await wayOf(order, input)
      expect([taken, Array.from(scores)]).toEqual([way, wanted])
      expect(reason.includes('its inputs are c0, c1, c2, c3, not the channels in their order')).toBe(way !== 'native')
    }
  })

  it('that states its channels takes no others, whoever runs it', async () => {
    const detector = isolationForest({ trees: 3 }).create(channels)
    detector.fit(normal)
    const bytes = toOnnx(detector)
    const graph = { channels: channels.toReversed(), score: 'sklearn-score-samples' } as const
    for (const native of [true, false])
      expect(await reasonOf(loadModel(bytes, { graph, native }))).toMatch(
        /^channel: .*channels must be those that the graph states, in their order: pressure, current, got current, pressure$/
      )
  })

  it('takes a scaler only of its channels in their order', async () => {
    const facts = factsOf('forest')
    const { values, length } = rowsOf(facts)
    const names = channelsOf(facts).map(({ name }) => name)
    const scaler = robustScaler().fit({ channels: names.toReversed(), values, length, seconds: 1 })
    const graph = { channels: channelsOf(facts), score: 'sklearn-score-samples', scaler } as const
    await expect(loadModel(join(fixtures, 'forest.onnx'), { graph })).rejects.toThrow(
      new RangeError(
        'loadModel: graph.scaler must be of the channels c0, c1, c2, c3, in their order, got one of c3, c2, c1, c0'
      )
    )
  })

  it('may not bring files that have names of the model file', async () => {
    const given = { ...common, channels, sampleRows: normal, score: 'reconstruction' } as const
    for (const name of ['manifest.json', 'model.onnx', 'proof.json'])
      await expect(saveModel(Uint8Array.of(1), { ...given, external: { [name]: Uint8Array.of(1) } })).rejects.toThrow(
        new RangeError(`saveModel: external must not name a file '${name}', which is another file of the model`)
      )
  })

  it('that is damaged is malformed, whoever would run it', async () => {
    const graph = { channels: [{ name: 'a', unit: '' }], score: 'reconstruction' } as const
    expect(await reasonOf(loadModel(Uint8Array.of(1, 2, 3), { graph }))).toMatch(/^malformed: /)
  })
})
