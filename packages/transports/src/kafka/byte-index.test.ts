import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ByteIndex } from './byte-index.ts'

const key = fc.uint8Array({ maxLength: 12 })

it('gives what was put there last, or nothing', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 2000 }), fc.array(key, { maxLength: 50 }), (put, others) => {
      const index = new ByteIndex<number>()
      const last = new Map<string, number>()
      for (const [i, bytes] of put.entries()) {
        const around = Uint8Array.from([7, ...bytes, 7])
        index.set(around, 1, bytes.length, i)
        last.set(bytes.join(), i)
        if (index.get(around, 1, bytes.length) !== i) throw new Error(`${bytes.join()} was not found`)
        around.fill(0)
      }
      for (const bytes of put.concat(others)) {
        expect([undefined, last.get(bytes.join())]).toContain(index.get(bytes, 0, bytes.length))
      }
    }),
    { numRuns: 30 }
  )
})

it('finds nearly all of many, while there is room', () => {
  const index = new ByteIndex<number>()
  const keys = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`press-${i}`))
  for (const [i, bytes] of keys.entries()) index.set(bytes, 0, bytes.length, i)
  const found = keys.filter((bytes, i) => index.get(bytes, 0, bytes.length) === i)
  expect(found.length).toBeGreaterThan(19_000)
})

it('forgets when there are more than it holds, and goes on', () => {
  const index = new ByteIndex<number>()
  const bytes = Buffer.alloc(4)
  let found = 0
  for (let i = 0; i < 300_000; i += 1) {
    bytes.writeInt32LE(i)
    index.set(bytes, 0, 4, i)
    if (index.get(bytes, 0, 4) === i) found += 1
  }
  expect(found).toBe(300_000)
})

it('tells apart what has the same hash', () => {
  const index = new ByteIndex<number>()
  const [a, b] = [Buffer.from('declinate'), Buffer.from('macallums')]
  index.set(a, 0, a.length, 1)
  expect(index.get(b, 0, b.length)).toBeUndefined()
  index.set(b, 0, b.length, 2)
  expect([index.get(a, 0, a.length), index.get(b, 0, b.length)]).toEqual([1, 2])
})
