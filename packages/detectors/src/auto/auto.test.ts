import { detectorSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { samples } from '../samples.ts'
import { auto } from './auto.ts'

detectorSuite('auto', { spec: auto() }, { describe, it })

const wave = (phase: number): number[] => Array.from({ length: 400 }, (_, i) => Math.sin(i / 3 + phase))

describe('auto', () => {
  it('works on one channel, on many, and on named ones', () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const channels = names.map((name) => ({ name, unit: '1' }))
    for (const count of [1, 2, 5]) {
      const detector = auto().create(channels.slice(0, count))
      const columns = Object.fromEntries(names.slice(0, count).map((name, c) => [name, wave(c)]))
      detector.fit(samples(columns))
      expect(detector.ready).toBe(true)
      const usual = detector.score(samples(columns))
      const odd = detector.score(samples(Object.fromEntries(names.slice(0, count).map((name) => [name, [4]]))))
      expect(odd[0]).toBeGreaterThan(Math.max(...usual))
    }
    expect(auto({ channels: ['b'] }).channels).toEqual(['b'])
  })

  it('sees a pair that no longer moves together, which no channel shows alone', () => {
    const detector = auto().create([
      { name: 'a', unit: '1' },
      { name: 'b', unit: '1' }
    ])
    const noise = Array.from({ length: 400 }, (_, i) => 0.05 * Math.sin(i * i))
    const a = wave(0)
    detector.fit(samples({ a, b: a.map((x, i) => x + noise[i]!) }))
    const [together, apart] = detector.score(samples({ a: [0.8, 0.8], b: [0.8, -0.8] }))
    expect(apart).toBeGreaterThan(together! + 1)
  })

  it('gives other bits with another seed only', () => {
    const channels = [{ name: 'a', unit: '1' }]
    const scores = [1, 1, 2].map((seed) => {
      const detector = auto({ seed }).create(channels)
      detector.fit(samples({ a: wave(0) }))
      return detector.score(samples({ a: wave(0.1) }))
    })
    expect(scores[0]).toEqual(scores[1])
    expect(scores[0]).not.toEqual(scores[2])
  })
})
