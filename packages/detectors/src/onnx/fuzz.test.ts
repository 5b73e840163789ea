import { describe, expect, it } from 'vitest'
import { fuzzBytes, fuzzGraphs } from './fixtures/fuzz.ts'

/** More are in `fuzz.soak.test.ts`. */
describe('fuzz of the ONNX readers', () => {
  it('damaged files are read, or refused with a ModelError', () => {
    const { wild, read, refused } = fuzzBytes(2000, 1)
    expect(wild).toEqual([])
    expect(refused).toBeGreaterThan(100)
    expect(read).toBeGreaterThan(30)
  })

  it('graphs that mean something else are refused, or score as they say', () => {
    const { wild, wrong, read, refused } = fuzzGraphs(500, 2)
    expect(wild).toEqual([])
    expect(wrong).toEqual([])
    expect(refused).toBeGreaterThan(100)
    expect(read).toBeGreaterThan(100)
  })
})
