import type { AsyncDetectorSpec, Scaler } from '@messwerk/core/model'
import { detectorSuite, normalOperation } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { recipeOf } from '../detector/recipe.ts'
import { ewmaChart } from '../ewma-chart/ewma-chart.ts'
import { nearestNeighbour } from '../nearest-neighbour/nearest-neighbour.ts'
import { robustZ } from '../robust-z/robust-z.ts'
import { samples } from '../samples.ts'
import { minMaxScaler } from './min-max-scaler.ts'
import { robustScaler } from './robust-scaler.ts'
import { scaled } from './scaled.ts'
import { standardScaler } from './standard-scaler.ts'

const normal = normalOperation()
detectorSuite(
  'robustZ behind a standard scaler',
  { spec: scaled(standardScaler().fit(normal), robustZ()) },
  { describe, it }
)
detectorSuite(
  'ewmaChart behind a robust scaler',
  { spec: scaled(robustScaler().fit(normal), ewmaChart()) },
  { describe, it }
)

const channels = [
  { name: 'a', unit: 'V' },
  { name: 'b', unit: 'A', resolution: 3 }
]
const given = samples({ a: [1, 2, 3, 4, 9], b: [100, 300, 200, 500, 400] })
const standard = standardScaler().fit(given)

describe('scaled', () => {
  it('scores as the detector does on scaled values, whatever the order of the channels', () => {
    const plain = nearestNeighbour({ k: 1 }).create(channels.map(({ name }) => ({ name, unit: '1' })))
    const inside = { ...given, values: standard.transform(given.values, given.length) }
    plain.fit(inside)
    for (const order of [channels, channels.toReversed()]) {
      const detector = scaled(standard, nearestNeighbour({ k: 1 })).create(order)
      const column = (name: string) => given.values.slice(name === 'a' ? 0 : 5, name === 'a' ? 5 : 10)
      const turned = samples(Object.fromEntries(order.map(({ name }) => [name, column(name)])))
      detector.fit(turned)
      expect(detector.score(turned)).toEqual(plain.score(inside))
      const shares = plain.explain(inside, 4)
      expect(detector.explain(turned, 4)).toEqual(order === channels ? shares : shares.toReversed())
    }
  })

  it('takes bands back to the unit of the channel', () => {
    const detector = scaled(standard, robustZ()).create([{ name: 'label', unit: '1' }, ...channels])
    const plain = robustZ().create(channels.map(({ name, unit }) => ({ name, unit })))
    detector.fit(samples({ label: [1, 1, 1, 1, 1], a: given.values.slice(0, 5), b: given.values.slice(5) }))
    plain.fit(given)
    const [band, wanted] = [detector.band!(3), plain.band!(3)]
    expect(band[0]).toBeNaN()
    expect(band[3]).toBeNaN()
    for (const [at, of] of [
      [1, 0],
      [2, 1],
      [4, 2],
      [5, 3]
    ] as const)
      expect(band[at]).toBeCloseTo(wanted[of]!, 9)
    const { inverse, ...oneWay } = standard
    expect(inverse).toBeDefined()
    expect(scaled(oneWay, robustZ()).create(channels).band).toBeUndefined()
  })

  it('scores NaN where a value is not finite though the scale would clip it', () => {
    const detector = scaled(minMaxScaler({ clip: true }).fit(given), robustZ()).create(channels)
    detector.fit(given)
    expect(detector.score(samples({ a: [Infinity, 1], b: [100, 100] }))[0]).toBeNaN()
    expect(detector.score(samples({ a: [Infinity, 1], b: [100, 100] }))[1]).not.toBeNaN()
  })

  it('narrows to one channel', () => {
    const one = scaled(standard, robustZ()).only!('b').create([channels[1]!])
    const b = samples({ b: given.values.slice(5) })
    one.fit(b)
    const detector = scaled(standard, robustZ({ channels: ['b'] })).create(channels)
    detector.fit(given)
    expect(one.score(b)).toEqual(detector.score(given))
    expect(one.band!(2)[1]).toBeCloseTo(detector.band!(2)[3]!, 9)
    expect(() => scaled(standard, robustZ()).only!('c')).toThrow("scaled: the scaler has no channel 'c'; it has: a, b")
  })

  it('refuses what was learned behind another scaler, and what is none', () => {
    const snapshot = scaled(standard, robustZ()).create(channels).snapshot()
    const other = scaled(standardScaler().fit(samples({ a: [1, 2], b: [1, 2] })), robustZ())
    expect(() => other.restore(snapshot)).toThrow('it was taken behind another scaler')
    expect(() => scaled(standard, robustZ()).restore({ ...snapshot, state: null })).toThrow('another scaler')
    expect(() => scaled(standardScaler() as unknown as Scaler, robustZ())).toThrow(/scaled: the scaler must be fitted/)
    expect(() => scaled(standard, {} as AsyncDetectorSpec)).toThrow(TypeError)
    expect(() => scaled(standard, robustZ()).create([channels[0]!])).toThrow("scaled: there is no channel 'b'")
  })

  it('knows how it was made, if the scaler can be kept', () => {
    expect(recipeOf(scaled(standard, robustZ()))).toMatchObject({
      factory: 'scaled',
      members: [{ factory: 'robustZ' }]
    })
    const { toJSON, ...rest } = standard
    expect(toJSON).toBeDefined()
    expect(recipeOf(scaled(rest, robustZ()))).toBeUndefined()
  })

  it('scales what answers later too', async () => {
    const seen: number[][] = []
    const remote: AsyncDetectorSpec = {
      kind: 'remote',
      async: true,
      create: (of) => {
        expect(of).toEqual([
          { name: 'a', unit: '1' },
          { name: 'b', unit: '1' }
        ])
        return {
          lookBack: 2,
          async score({ values, length }) {
            seen.push(Array.from(values))
            return new Float64Array(length)
          },
          explain: async () => Float64Array.of(1, 2),
          close: async () => {}
        }
      }
    }
    const detector = scaled(standard, remote).create(channels.toReversed())
    await detector.score(samples({ b: [300], a: [3.8] }))
    expect(seen).toEqual([[expect.closeTo(0, 12), 0]])
    expect(await detector.explain!(samples({ b: [300], a: [3.8] }), 0)).toEqual(Float64Array.of(2, 1))
    expect([detector.lookBack, detector.open, await detector.close!()]).toEqual([2, undefined, undefined])
  })
})
