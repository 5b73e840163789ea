import type { Scaler } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { onnxDetector } from './onnx-detector.ts'
import type { OnnxDetectorOptions } from './onnx-detector-options.ts'

const scaler = (...channels: string[]): Scaler => ({ kind: 'none', channels, transform: (values) => values })
const good = { path: 'a.onnx', score: 'reconstruction' } as const

it.each([
  [{ score: 'reconstruction' }, 'onnxDetector: give either path or model (bytes), one of them'],
  [{ ...good, model: new Uint8Array(1) }, 'onnxDetector: give either path or model (bytes), one of them'],
  [{ model: [1], score: 'reconstruction' }, 'onnxDetector: model must be a Uint8Array, got 1'],
  [{ ...good, path: '' }, "onnxDetector: path must be a path or an address, got ''"],
  [{ path: 'a.onnx' }, 'or { output, higherIs }, got undefined'],
  [{ ...good, score: 'mse' }, "or { output, higherIs }, got 'mse'"],
  [{ ...good, score: { higherIs: 'normal' } }, 'onnxDetector: score.output must be a name, got undefined'],
  [{ ...good, score: { output: 'y', higherIs: 'up' } }, "score.higherIs must be 'anomalous' or 'normal', got 'up'"],
  [
    { ...good, score: { output: 'y', higherIs: 'normal', offset: Number.NaN } },
    'score.offset must be a finite number, got NaN'
  ],
  [
    { ...good, window: { scans: 0, layout: 'NTC' } },
    'onnxDetector: window.scans must be a whole number of at least 1, got 0'
  ],
  [{ ...good, window: { scans: 3, layout: 'TNC' } }, "onnxDetector: window.layout must be 'NTC' or 'NCT', got 'TNC'"],
  [{ ...good, batch: 1.5 }, 'onnxDetector: batch must be a whole number of at least 1, got 1.5'],
  [{ ...good, threads: 0 }, 'onnxDetector: threads must be a whole number of at least 1, got 0'],
  [
    { ...good, runtime: 'tensorflow' },
    "onnxDetector: runtime must be 'auto', 'onnxruntime-node' or 'onnxruntime-web', got 'tensorflow'"
  ],
  [{ ...good, maxBytes: '1GB' }, "onnxDetector: maxBytes must be a size such as '512KiB' or '64MiB', got "],
  [{ ...good, channels: ['a', 'a'] }, "onnxDetector: channels must be distinct, got 'a' twice"],
  [
    { ...good, channels: ['a', 'b'], inputs: { x: 'a' } },
    'onnxDetector: inputs must have the channels a, b, each once, got a'
  ],
  [{ ...good, inputs: { x: ['a', 'b'], y: 'a' } }, "onnxDetector: channels must be distinct, got 'a' twice"],
  [
    { ...good, channels: ['a', 'b'], scaler: scaler('a', 'c') },
    'onnxDetector: scaler must have the channels a, b, each once, got a, c'
  ]
])('refuses %j', (options, message) => {
  expect(() => onnxDetector(options as unknown as OnnxDetectorOptions)).toThrow(message)
})

it('takes the channels of inputs and scaler where none are named', () => {
  expect(onnxDetector({ ...good, inputs: { x: ['b', 'a'], y: 'c' } }).channels).toEqual(['b', 'a', 'c'])
  expect(onnxDetector({ ...good, scaler: scaler('q', 'p') }).channels).toEqual(['q', 'p'])
  expect(onnxDetector(good).channels).toBeUndefined()
})

it('names a channel that the stream does not have', () => {
  const spec = onnxDetector({ ...good, channels: ['a', 'b'] })
  expect(() => spec.create([{ name: 'a', unit: '1' }])).toThrow("onnxDetector: there is no channel 'b'; there are: a")
})

it('loads nothing before it opens', () => {
  const lib = (): never => {
    throw new Error('too early')
  }
  const detector = onnxDetector({ ...good, lib }).create([{ name: 'a', unit: '1' }])
  expect(detector.lookBack).toBe(0)
  expect(
    onnxDetector({ ...good, window: { scans: 7, layout: 'NTC' } }).create([{ name: 'a', unit: '1' }]).lookBack
  ).toBe(6)
})

it('explains reconstructions only', () => {
  const channels = [{ name: 'a', unit: '1' }]
  expect(onnxDetector(good).create(channels).explain).toBeTypeOf('function')
  expect(onnxDetector({ path: 'a.onnx', score: 'sklearn-decision' }).create(channels).explain).toBeUndefined()
})
