import type { Samples, Scaler } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { halves, labels, sums, unheardOf, weighted } from './fixtures/tiny-models.ts'
import { onnxDetector } from './onnx-detector.ts'
import type { OnnxDetectorOptions } from './onnx-detector-options.ts'
import type { OnnxScore } from './onnx-score.ts'

const channel = (name: string) => ({ name, unit: '1' })
const three: Samples = {
  channels: ['a', 'b', 'c'],
  length: 3,
  values: Float64Array.of(1, 2, 3, 10, 20, 30, 100, 200, 300),
  seconds: 1
}
const sum: OnnxScore = { output: 'sum', higherIs: 'anomalous' }
const y: OnnxScore = { output: 'y', higherIs: 'anomalous' }

async function scores(options: OnnxDetectorOptions, samples = three): Promise<number[]> {
  const detector = onnxDetector(options).create(samples.channels.map(channel))
  try {
    await detector.open?.()
    return [...(await detector.score(samples))]
  } finally {
    await detector.close?.()
  }
}

describe.each(['onnxruntime-node', 'onnxruntime-web'] as const)('in %s', (runtime) => {
  it('channels come in the order that is asked for', async () => {
    const model = weighted({ x: 1, z: 1000 })
    const inputs = { x: 'c', z: 'a' }
    expect(await scores({ model, inputs, score: y, runtime })).toEqual([1100, 2200, 3300])
    expect(await scores({ model, inputs: { z: 'a', x: 'c' }, channels: ['a', 'c'], score: y, runtime })).toEqual([
      1100, 2200, 3300
    ])
  })

  it('inputs named like channels take these', async () => {
    expect(await scores({ model: weighted({ b: 1, c: 2, a: 3 }), score: y, runtime })).toEqual([213, 426, 639])
  })

  it('float64 inputs keep their digits', async () => {
    const exact = { ...three, values: three.values.map((x) => x + 2 ** -40) }
    const wide = await scores({ model: sums(['N', 3], 'double'), score: sum, runtime }, exact)
    expect(wide[0]).toBe(111 + 3 * 2 ** -40)
    expect(await scores({ model: sums(['N', 3]), score: sum, runtime }, exact)).toEqual([111, 222, 333])
  })

  it('a fixed number of rows is kept', async () => {
    expect(await scores({ model: sums([1, 3]), score: sum, runtime })).toEqual([111, 222, 333])
    expect(await scores({ model: sums([2, 3]), score: sum, batch: 1, runtime })).toEqual([111, 222, 333])
  })

  it('sizes that are open, and shapes that are not told, are taken as they come', async () => {
    expect(await scores({ model: sums(['', '']), score: sum, runtime })).toEqual([111, 222, 333])
    expect(await scores({ model: sums(undefined), score: sum, runtime })).toEqual([111, 222, 333])
  })

  it('a window goes in flat where the model takes two axes', async () => {
    const window = { scans: 2, layout: 'NTC' } as const
    expect(await scores({ model: sums(['N', 6]), score: sum, window, runtime })).toEqual([NaN, 333, 555])
    // Half of each value is drawn: a quarter of the mean square is left.
    const model = halves(['N', 6])
    const expected = [NaN, (10101 + 40404) / 24, (40404 + 90909) / 24]
    for (const layout of ['NTC', 'NCT'] as const)
      expect(await scores({ model, score: 'reconstruction', window: { scans: 2, layout }, runtime })).toEqual(expected)
  })

  it('shares of a window are those of its channels, in either layout', async () => {
    const expected = [5, 500, 50_000].map((square) => square / 24)
    for (const [layout, dims] of [
      ['NTC', ['N', 2, 3]],
      ['NCT', ['N', 3, 2]]
    ] as const) {
      const spec = onnxDetector({ model: halves(dims), score: 'reconstruction', window: { scans: 2, layout }, runtime })
      const detector = spec.create(three.channels.map(channel))
      expect([...(await detector.explain!(three, 1))]).toEqual(expected)
      expect((await detector.explain!(three, 0)).every(Number.isNaN)).toBe(true)
      await detector.close?.()
    }
  })

  it('shares come back in the order of the stream, channels that are not used have none', async () => {
    const spec = onnxDetector({ model: halves(['N', 2]), channels: ['c', 'a'], score: 'reconstruction', runtime })
    const detector = spec.create(three.channels.map(channel))
    expect([...(await detector.explain!(three, 0))]).toEqual([0.125, 0, 1250])
    await detector.close?.()
  })

  it('the scaler comes first, in its own order of channels, and a value that it clips is still none', async () => {
    const scaler: Scaler = {
      kind: 'test',
      channels: ['c', 'a'],
      transform: (values, length, out = new Float64Array(values.length)) => {
        for (let i = 0; i < length; i += 1) {
          out[i] = Math.min(values[i]! / 100, 1000)
          out[length + i] = Math.min(values[length + i]! * 2, 1000)
        }
        return out
      }
    }
    const model = weighted({ a: 1, c: 100 })
    expect(await scores({ model, scaler, score: y, runtime })).toEqual([102, 204, 306])
    expect(await scores({ model, scaler, channels: ['a', 'c'], score: y, runtime })).toEqual([102, 204, 306])
    const broken = { ...three, values: three.values.slice() }
    broken.values[7] = Number.POSITIVE_INFINITY
    expect(await scores({ model, scaler, score: y, runtime }, broken)).toEqual([102, NaN, 306])
  })

  it('a value beyond float32 counts as its largest, and what cannot be drawn is as far off as can be', async () => {
    const huge = { ...three, values: three.values.map((x) => (x === 200 ? 1e300 : x === 300 ? -1e300 : x)) }
    const [first, second, third] = await scores({ model: sums(['N', 3]), score: sum, runtime }, huge)
    expect(first).toBe(111)
    expect(second).toBe(3.4028234663852886e38)
    expect(third).toBe(0)
    const spec = onnxDetector({ model: halves(['N', 3]), score: 'reconstruction', runtime })
    const detector = spec.create(three.channels.map(channel))
    expect((await detector.score(huge))[1]).toBeCloseTo(3.4028234663852886e38 ** 2 / 12, -70)
    await detector.close?.()
  })

  it.each([
    [
      'two channels for three',
      { model: sums(['N', 3]), channels: ['a', 'b'], score: sum },
      'channel',
      /'x' takes \[N, 3\], given are \[N, 2\]: 2 channels \(a, b\)/
    ],
    [
      'windows for scans',
      { model: sums(['N', 3]), score: sum, window: { scans: 4, layout: 'NCT' } },
      'channel',
      /takes \[N, 3\], given are \[N, 3, 4\].* in windows of 4 scans, NCT/
    ],
    [
      'layout',
      { model: halves(['N', 2, 3]), score: 'reconstruction', window: { scans: 2, layout: 'NCT' } },
      'channel',
      /takes \[N, 2, 3\], given are \[N, 3, 2\]/
    ],
    [
      'inputs that are not there',
      { model: weighted({ x: 1, z: 2 }), inputs: { x: 'a', q: 'b' }, score: y },
      'channel',
      /has the inputs x, z, the option inputs binds x, q/
    ],
    [
      'inputs that nobody binds',
      { model: weighted({ x: 1, z: 2 }), channels: ['a', 'b'], score: y },
      'channel',
      /say which takes which: inputs: \{ 'x': 'a'/
    ],
    [
      'whole numbers in',
      { model: labels('int64'), channels: ['a', 'b'], score: { output: 'label', higherIs: 'normal' } },
      'unsupported',
      /input 'x' takes int64/
    ],
    [
      'whole numbers out',
      { model: labels('float'), channels: ['a', 'b'], score: { output: 'label', higherIs: 'normal' } },
      'unsupported',
      /output 'label' holds int64/
    ],
    [
      'an output that is not there',
      { model: sums(['N', 3]), score: 'sklearn-score-samples' },
      'unsupported',
      /has no output 'score_samples', but sum; convert with options=/
    ],
    [
      'several numbers a row',
      { model: halves(['N', 3]), score: { output: 'half', higherIs: 'normal' } },
      'unsupported',
      /'half' is \[16, 3\] for 16 rows, expected is one number a row/
    ],
    [
      'reconstruction of a sum',
      { model: sums(['N', 3]), score: 'reconstruction' },
      'unsupported',
      /expected is the 3 values of the input a row/
    ],
    [
      'reconstruction of several inputs',
      { model: weighted({ a: 1, b: 1, c: 1 }), score: 'reconstruction' },
      'unsupported',
      /needs a model with one/
    ],
    [
      'an operator unheard of',
      { model: unheardOf(), channels: ['a', 'b'], score: y, name: 'odd.onnx' },
      'unsupported',
      /cannot load odd\.onnx/
    ],
    ['no model at all', { model: Uint8Array.of(1, 2, 3), score: y }, 'malformed', /a model of 3 bytes/],
    [
      'a file that ends early',
      { model: sums(['N', 3]).subarray(0, 60), score: sum },
      'malformed',
      /a model of 60 bytes/
    ],
    ['no file', { path: 'nowhere.onnx', score: sum }, 'missing-file', /nowhere\.onnx/]
  ] as const)('refuses %s', async (_, options, reason, message) => {
    await expect(scores({ ...(options as OnnxDetectorOptions), runtime })).rejects.toMatchObject({
      code: 'MODEL',
      reason,
      message: expect.stringMatching(message)
    })
  })

  it('a run that fails names inputs and shapes, and the next goes on', async () => {
    // Sizes that are open are found out by the model alone.
    const model = halves(['N', 'C', 3])
    const spec = onnxDetector({
      model,
      score: { output: 'half', higherIs: 'normal' },
      runtime,
      warmUp: false,
      window: { scans: 2, layout: 'NTC' }
    })
    const detector = spec.create(three.channels.map(channel))
    await expect(detector.score(three)).rejects.toMatchObject({ reason: 'unsupported' })
    await expect(detector.score(three)).rejects.toMatchObject({ reason: 'unsupported' })
    await detector.close?.()
  })
})
