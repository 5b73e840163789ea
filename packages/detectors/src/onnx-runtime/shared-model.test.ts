import { readFileSync } from 'node:fs'
import type { Samples } from '@messwerk/core/model'
import * as ort from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { fileOf, fixtureOf } from './fixtures/python-models.ts'
import { halves, sums } from './fixtures/tiny-models.ts'
import { onnxDetector } from './onnx-detector.ts'
import type { OnnxRuntime, OnnxSession } from './onnx-runtime.ts'

const channels = ['a', 'b', 'c'].map((name) => ({ name, unit: '1' }))
const score = { output: 'sum', higherIs: 'anomalous' } as const

function scans(length: number): Samples {
  const values = Float64Array.from({ length: 3 * length }, (_, i) => i)
  return { channels: ['a', 'b', 'c'], length, values, seconds: 1 }
}

/** A runtime that counts, and fails where told. */
function counting(told: { create?: Error | undefined; run?: Error | undefined } = {}) {
  const seen = { created: 0, released: 0, tensors: 0, runs: 0, atOnce: 0, rows: [] as number[] }
  let under = 0
  class Tensor extends (ort.Tensor as unknown as new (...of: unknown[]) => object) {
    constructor(...of: unknown[]) {
      super(...of)
      seen.tensors += 1
      seen.rows.push((of[2] as number[])[0]!)
    }
  }
  const lib = {
    env: ort.env,
    Tensor,
    InferenceSession: {
      create: async (model: Uint8Array, options: Record<string, unknown>): Promise<OnnxSession> => {
        seen.created += 1
        if (told.create) throw told.create
        const session = (await ort.InferenceSession.create(model, options)) as unknown as OnnxSession
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          inputMetadata: session.inputMetadata!,
          run: async (feeds, fetches) => {
            seen.runs += 1
            under += 1
            seen.atOnce = Math.max(seen.atOnce, under)
            try {
              if (told.run) throw told.run
              return await session.run(feeds, fetches)
            } finally {
              under -= 1
            }
          },
          release: async () => {
            seen.released += 1
            await session.release()
          }
        }
      }
    }
  }
  return { seen, told, lib: lib as unknown as OnnxRuntime }
}

it('streams of one description share one session, which goes with the last', async () => {
  const { lib, seen } = counting()
  const spec = onnxDetector({ model: sums(['N', 3]), score, lib })
  const detectors = Array.from({ length: 5 }, () => spec.create(channels))
  await Promise.all(detectors.map(async (detector) => await detector.open?.()))
  expect(seen).toMatchObject({ created: 1, released: 0, runs: 1 })
  await Promise.all(detectors.map((detector) => detector.score(scans(300))))
  // Two runs each, one after the other.
  expect(seen).toMatchObject({ runs: 11, atOnce: 1 })
  for (const detector of detectors.slice(1)) await detector.close?.()
  expect(seen.released).toBe(0)
  await detectors[0]!.close?.()
  expect(seen).toMatchObject({ created: 1, released: 1 })
  const next = spec.create(channels)
  await next.score(scans(1))
  await next.close?.()
  expect(seen).toMatchObject({ created: 2, released: 2 })
})

it('tensors are made anew only for another number of rows', async () => {
  const { lib, seen } = counting()
  const detector = onnxDetector({ model: sums(['N', 3]), score, lib, batch: 64 }).create(channels)
  await detector.open?.()
  const before = seen.tensors
  for (let i = 0; i < 20; i += 1) await detector.score(scans(256))
  expect(seen.tensors).toBe(before + 1)
  for (let i = 1; i <= 16; i += 1) await detector.score(scans(i))
  expect(seen.tensors).toBe(before + 2)
  expect(new Set(seen.rows)).toEqual(new Set([16, 64]))
  await detector.close?.()
})

it('rows with a hole are not sent', async () => {
  const { lib, seen } = counting()
  const detector = onnxDetector({ model: sums(['N', 3]), score, lib, warmUp: false }).create(channels)
  const holes = { ...scans(40), values: scans(40).values.fill(Number.NaN) }
  expect((await detector.score(holes)).every(Number.isNaN)).toBe(true)
  expect(seen.runs).toBe(0)
  holes.values.set(scans(40).values.subarray(0, 40).fill(1))
  await detector.score(holes)
  expect(seen.runs).toBe(0)
  await detector.close?.()
})

it('a load that failed is tried again by who comes next; nothing is left open', async () => {
  const { lib, seen, told } = counting({ create: new Error('no memory') })
  const spec = onnxDetector({ model: sums(['N', 3]), score, lib, name: 'pump' })
  const [one, two] = [spec.create(channels), spec.create(channels)]
  const refused = { code: 'MODEL', message: 'onnxDetector: onnxruntime-node cannot load pump', cause: told.create }
  await Promise.all([one, two].map((detector) => expect(detector.open?.()).rejects.toMatchObject(refused)))
  expect(seen.created).toBe(1)
  told.create = undefined
  await one.open?.()
  await two.score(scans(2))
  await Promise.all([one.close?.(), two.close?.()])
  expect(seen).toMatchObject({ created: 2, released: 1 })
})

it('a first run that fails closes what was loaded', async () => {
  const { lib, seen, told } = counting({ run: new Error('bad') })
  const detector = onnxDetector({ model: sums(['N', 3]), score, lib, name: 'pump' }).create(channels)
  await expect(detector.open?.()).rejects.toMatchObject({
    message: "onnxDetector: pump failed on 'x' of float32 [16, 3]",
    cause: told.run
  })
  expect(seen).toMatchObject({ created: 1, released: 1 })
  await detector.close?.()
  expect(seen.released).toBe(1)
})

it('who gives up while it loads leaves, and the last to leave stops it', async () => {
  const { lib, seen } = counting()
  let go: (() => void) | undefined
  const waits = new Promise<void>((resolve) => {
    go = resolve
  })
  const spec = onnxDetector({ model: sums(['N', 3]), score, lib: () => waits.then(() => lib) })
  const stop = new AbortController()
  const one = spec.create(channels)
  const opening = one.open?.(stop.signal)
  stop.abort(new Error('enough'))
  await expect(opening).rejects.toThrow('enough')
  go?.()
  await one.close?.()
  // It was stopped before a session was made.
  expect(seen.created).toBe(0)
  const two = spec.create(channels)
  expect([...(await two.score(scans(1)))]).toEqual([3])
  await two.close?.()
  expect(seen).toMatchObject({ created: 1, released: 1 })
})

it('an abort between two batches ends the call', async () => {
  const { lib, seen } = counting()
  const detector = onnxDetector({ model: sums(['N', 3]), score, lib, batch: 16 }).create(channels)
  await detector.open?.()
  const stop = new AbortController()
  const call = detector.score(scans(16_000), stop.signal)
  while (seen.runs < 3) await new Promise((resolve) => setImmediate(resolve))
  stop.abort(new Error('enough'))
  await expect(call).rejects.toThrow('enough')
  expect(seen.runs).toBeLessThan(10)
  await detector.close?.()
})

it('close waits for calls under way, and ends the use of a detector', async () => {
  const { lib, seen } = counting()
  const detector = onnxDetector({ model: sums(['N', 3]), score, lib, batch: 16 }).create(channels)
  await detector.open?.()
  const call = detector.score(scans(160))
  await detector.close?.()
  expect(seen.released).toBe(1)
  expect((await call)[159]).toBe(159 + 319 + 479)
  await expect(detector.score(scans(1))).rejects.toThrow('a closed detector cannot be used again')
  await expect(detector.open?.()).rejects.toThrow(TypeError)
})

it('sessions of the web runtime are made one after the other, or they lose their external files', async () => {
  const { samples } = fixtureOf('autoencoder-external')
  const name = 'autoencoder-external.onnx.data'
  const external = { [name]: new Uint8Array(readFileSync(fileOf(name))) }
  const model = new Uint8Array(readFileSync(fileOf('autoencoder-external.onnx')))
  const open = async (): Promise<Float64Array> => {
    const spec = onnxDetector({ model, external, score: 'reconstruction', runtime: 'onnxruntime-web' })
    const detector = spec.create(samples.channels.map((channel) => ({ name: channel, unit: '1' })))
    const scores = await detector.score(samples)
    await detector.close?.()
    return scores
  }
  const alone = await open()
  const calls: Promise<Float64Array>[] = []
  // Begun a few steps apart, each comes upon another step of the one before.
  for (let i = 0; i < 12; i += 1) {
    calls.push(open())
    for (let k = 0; k < i % 4; k += 1) await Promise.resolve()
  }
  for (const scores of await Promise.all(calls)) expect(scores).toEqual(alone)
})

it('streams with their channels in another order share a session, not their columns', async () => {
  const { lib, seen } = counting()
  const spec = onnxDetector({ model: halves(['N', 2]), channels: ['c', 'a'], score: 'reconstruction', lib })
  const one = spec.create(channels)
  const two = spec.create(channels.toReversed())
  const values = Float64Array.of(1, 10, 100)
  const [first, second] = await Promise.all([
    one.explain!({ channels: ['a', 'b', 'c'], length: 1, values, seconds: 1 }, 0),
    two.explain!({ channels: ['c', 'b', 'a'], length: 1, values, seconds: 1 }, 0)
  ])
  expect([...first]).toEqual([0.125, 0, 1250])
  expect([...second]).toEqual([0.125, 0, 1250])
  await Promise.all([one.close?.(), two.close?.()])
  expect(seen).toMatchObject({ created: 1, released: 1 })
})
