import { readFileSync } from 'node:fs'
import type { AsyncDetectorSpec, Samples } from '@messwerk/core/model'
import { asyncDetectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { channelsOf, fileOf, fixtureOf } from './fixtures/python-models.ts'
import { onnxDetector } from './onnx-detector.ts'
import type { OnnxDetectorOptions } from './onnx-detector-options.ts'

const runtimes = ['onnxruntime-node', 'onnxruntime-web'] as const

async function scoresOf(spec: AsyncDetectorSpec, samples: Samples): Promise<Float64Array> {
  const detector = spec.create(channelsOf(samples))
  try {
    await detector.open?.()
    return await detector.score(samples)
  } finally {
    await detector.close?.()
  }
}

function expectClose(scores: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(scores.length).toBe(expected.length)
  for (let i = 0; i < scores.length; i += 1) {
    const largest = tolerance * Math.max(1, Math.abs(expected[i]!))
    expect(Math.abs(scores[i]! - expected[i]!), `row ${i}: ${scores[i]}, ${expected[i]}`).toBeLessThanOrEqual(largest)
  }
}

describe.each(runtimes)('models of scikit-learn in %s', (runtime) => {
  it.each(['forest', 'forest-features', 'forest-minmax', 'forest-opset12', 'forest-robust', 'forest-standard'])(
    '%s: the score is the opposite of score_samples',
    async (name) => {
      const { path, samples, model } = fixtureOf(name)
      const scores = await scoresOf(onnxDetector({ path, score: 'sklearn-score-samples', runtime }), samples)
      expectClose(
        scores,
        model.score_samples!.map((s) => -s),
        1e-6
      )
      expect(scores.every((score) => score > 0 && score < 1)).toBe(true)
    }
  )

  it.each(['forest', 'forest-contamination', 'forest-features'])(
    '%s: decision_function with its offset is the same score',
    async (name) => {
      const { path, samples, model, offset } = fixtureOf(name)
      const score = { output: 'scores', higherIs: 'normal', offset: -offset! } as const
      const scores = await scoresOf(onnxDetector({ path, score, runtime }), samples)
      expectClose(
        scores,
        model.score_samples!.map((s) => -s),
        1e-6
      )
    }
  )

  it.each(['forest', 'forest-contamination', 'lof', 'lof-standard', 'one-class-svm', 'one-class-svm-robust'])(
    '%s: outliers of decision_function are those above 0.5',
    async (name) => {
      const { path, samples, model } = fixtureOf(name)
      const scores = await scoresOf(onnxDetector({ path, score: 'sklearn-decision', runtime }), samples)
      expectClose(
        scores,
        model.decision_function!.map((d) => Math.max(0, 0.5 - d)),
        2e-5
      )
      expect(Array.from(scores, (score) => (score > 0.5 ? -1 : 1))).toEqual(model.predict)
      expect(new Set(model.predict).size).toBe(2)
    }
  )

  it('lof: the offset gives the factor itself', async () => {
    const { path, samples, model, offset } = fixtureOf('lof')
    const score = { output: 'scores', higherIs: 'normal', offset: -offset! } as const
    const scores = await scoresOf(onnxDetector({ path, score, runtime }), samples)
    expectClose(
      scores,
      model.score_samples!.map((s) => -s),
      2e-5
    )
  })

  it('higherIs anomalous gives the output itself, cut at 0', async () => {
    const { path, samples, onnx } = fixtureOf('one-class-svm')
    const spec = onnxDetector({ path, score: { output: 'scores', higherIs: 'anomalous', offset: -1 }, runtime })
    expectClose(
      await scoresOf(spec, samples),
      onnx.scores!.map((d) => Math.max(0, d - 1)),
      2e-5
    )
  })
})

describe.each(runtimes)('autoencoders in %s', (runtime) => {
  it.each([
    'autoencoder-dynamo',
    'autoencoder-elu',
    'autoencoder-external',
    'autoencoder-keras',
    'autoencoder-keras-tanh',
    'autoencoder-no-bias',
    'autoencoder-scaled',
    'autoencoder-sigmoid',
    'autoencoder-torchscript'
  ])('%s: the score is the mean of the squared differences', async (name) => {
    const { path, samples, squares } = fixtureOf(name)
    const scores = await scoresOf(onnxDetector({ path, score: 'reconstruction', runtime }), samples)
    expectClose(
      scores,
      squares!.map((square) => square / samples.channels.length),
      1e-5
    )
  })

  it.each(['window-conv', 'window-nct', 'window-ntc'])('%s: a score for each window', async (name) => {
    const { path, samples, squares, window } = fixtureOf(name)
    const scores = await scoresOf(onnxDetector({ path, score: 'reconstruction', window: window!, runtime }), samples)
    const first = window!.scans - 1
    expect(scores.subarray(0, first).every(Number.isNaN)).toBe(true)
    expectClose(
      scores.subarray(first),
      squares!.map((square) => square / (samples.channels.length * window!.scans)),
      1e-5
    )
  })

  it('external data as bytes, as a path and beside the model', async () => {
    const { path, samples } = fixtureOf('autoencoder-external')
    const name = 'autoencoder-external.onnx.data'
    const place = fileOf(name)
    const common = { score: 'reconstruction', runtime } as const
    const model = new Uint8Array(readFileSync(path))
    const beside = await scoresOf(onnxDetector({ path: new URL(`file://${path}`), ...common }), samples)
    for (const external of [{ [name]: new Uint8Array(readFileSync(place)) }, { [name]: place }])
      expect(await scoresOf(onnxDetector({ model, external, ...common }), samples)).toEqual(beside)
    await expect(scoresOf(onnxDetector({ model, ...common }), samples)).rejects.toMatchObject({
      reason: 'missing-file',
      message: expect.stringContaining(`external: { '${name}': bytes }`)
    })
  })
})

describe.each(runtimes)('the contract, in %s', (runtime) => {
  const cases: Readonly<Record<string, Omit<OnnxDetectorOptions, 'path'>>> = {
    forest: { score: 'sklearn-score-samples', batch: 32 },
    // Its means over neighbours depend on the place of a row in a run.
    'lof-standard': { score: { output: 'scores', higherIs: 'normal', offset: 1.5 }, batch: 1 },
    'one-class-svm-robust': { score: { output: 'scores', higherIs: 'normal', offset: 100 }, batch: 7 },
    'autoencoder-dynamo': { score: 'reconstruction' },
    'autoencoder-keras': { score: 'reconstruction', warmUp: false },
    'window-ntc': { score: 'reconstruction', window: { scans: 6, layout: 'NTC' }, batch: 5 },
    'window-conv': { score: 'reconstruction', window: { scans: 6, layout: 'NCT' } }
  }
  for (const [name, options] of Object.entries(cases)) {
    const { path, samples, model } = fixtureOf(name)
    const normal = calm(
      samples,
      (model.predict ?? [1, 1, 1, 1, 1, 1, 1, 1]).flatMap((is, i) => (is === 1 ? [i] : []))
    )
    const outlier = normal.channels.map((_, c) => (c % 2 === 0 ? 200 : -200))
    asyncDetectorSuite(name, { spec: onnxDetector({ path, runtime, ...options }), normal, outlier }, { describe, it })
  }
})

/** Scans near to usual ones of the fixture. */
function calm({ channels, length, values, seconds }: Samples, usual: readonly number[]): Samples {
  const scans = 40
  const near = new Float64Array(channels.length * scans)
  for (let c = 0; c < channels.length; c += 1)
    for (let i = 0; i < scans; i += 1)
      near[c * scans + i] = values[c * length + usual[i % usual.length]!]! + 0.05 * Math.sin(1.7 * i + c)
  return { channels, length: scans, values: near, seconds }
}
