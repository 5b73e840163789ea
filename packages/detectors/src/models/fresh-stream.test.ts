import type { DetectorSpec } from '@messwerk/core/model'
import { describe, expect, it } from 'vitest'
import { autoencoder, cusum, matrixProfile, rateOfChange, samples } from '../index.ts'
import { channels, normal, options, wave } from './fixtures/pump.ts'
import { loadModel, saveModel } from './index.ts'

const fault = samples({ pressure: wave(0, 4).map((x) => x + 900), current: wave(1, 900) })
const firstOf = (scores: Float64Array) => Array.from(scores.subarray(0, 6), Number.isNaN)

describe('a loaded model', () => {
  it('does not go on with the fault that it was saved behind', async () => {
    const detector = cusum().create(channels)
    detector.fit(normal)
    const due = detector.snapshot()
    detector.process(fault, () => false)
    const alarmed = detector.score(normal)
    const model = (await loadModel(await saveModel(detector, options))) as DetectorSpec
    // the one that was saved stays where it was
    expect(detector.score(normal)).toEqual(alarmed)
    const restored = cusum().restore(due)
    restored.gap!()
    expect(model.create(channels).score(normal)).toEqual(restored.score(normal))
    expect(alarmed[0]).toBeGreaterThan(5 * model.create(channels).score(normal)[0]!)
  })

  it.each<[string, DetectorSpec, number]>([
    ['autoencoder', autoencoder({ window: { scans: 4 }, epochs: 2 }), 3],
    ['matrixProfile', matrixProfile({ window: { scans: 4 }, history: { scans: 100 } }), 3],
    ['rateOfChange', rateOfChange(), 1]
  ])('of %s has no score until the scans of the stream make one', async (_, spec, none) => {
    const detector = spec.create(channels)
    detector.fit(normal)
    const model = (await loadModel(await saveModel(detector, options))) as DetectorSpec
    const [one, another] = [model.create(channels), model.create(channels)]
    expect(firstOf(one.process(normal))).toEqual(Array.from({ length: 6 }, (_, i) => i < none))
    expect(firstOf(another.score(normal))).toEqual(Array.from({ length: 6 }, (_, i) => i < none))
    // a checkpoint goes on where it was
    expect(firstOf(model.restore(one.snapshot()).score(normal))).toEqual(Array.from({ length: 6 }, () => false))
  })
})
