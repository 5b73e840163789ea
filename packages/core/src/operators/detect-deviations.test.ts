import { describe, expect, it } from 'vitest'
import { column } from '../model/index.ts'
import { detect } from './detect.ts'
import { distance } from './fixtures/distance-detector.ts'
import { pump } from './fixtures/pump.ts'
import { joined, through } from './fixtures/through.ts'

const learn = { scans: 2 } as const

describe('detect: signed deviations', () => {
  it('stand beside the score, with and without a threshold; NaN where there is no score', () => {
    const input = [pump([1, 1, 4, 0, NaN], 0, [2, 2, 1, 2, 2])]
    const [out] = through(detect(distance(), { learn, deviations: true }), input)
    expect(out!.stream.channels.slice(3)).toEqual([
      { name: 'score.z.a', unit: '1', role: 'score' },
      { name: 'score.z.b', unit: '1', role: 'score' }
    ])
    const z = { 'score.z.a': [NaN, NaN, 3, -1, NaN], 'score.z.b': [NaN, NaN, -1, 0, NaN] }
    expect(joined([out!])).toMatchObject(z)
    const raised = detect(distance(), { learn, deviations: true, threshold: { raise: 3 } })
    expect(joined(through(raised, input))).toMatchObject({ ...z, 'score.by.a': [NaN, NaN, 3, NaN, NaN] })
    const never = detect(distance(), { learn, deviations: true, threshold: { raise: 3 }, explain: 'never' })
    expect(joined(through(never, input))).toMatchObject(z)
  })

  it('are of the state that scored, and no measurement for the next detector', () => {
    const watched = through(detect(distance(['a']), { deviations: true }), [pump([1, 1, 4, 2])])
    expect(column(watched[0]!, 'score.z.a')).toEqual(Float64Array.of(NaN, NaN, 3, 0))
    const [out] = through(detect(distance(), { as: 'next', explain: 'all' }), watched)
    expect(out!.stream.channels.slice(4).map(({ name }) => name)).toEqual(['next', 'next.by.a', 'next.by.b'])
  })

  it('are wanted of a detector that counts them', () => {
    const { stream } = pump([1])
    const spec = distance()
    const create: typeof spec.create = (channels) => Object.assign(spec.create(channels), { deviations: undefined })
    expect(() => detect({ ...spec, create }, { deviations: true }).kernel(stream)).toThrow(
      new RangeError(
        "detect: deviations needs a detector that counts them, such as zScore() or robustZ(), got 'distance'"
      )
    )
    expect(() => detect(spec, { deviations: 1 as never })).toThrow(
      new TypeError('detect: deviations must be true or false, got 1')
    )
  })
})
