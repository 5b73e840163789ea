import type { AsyncDetector, Samples } from '@messwerk/core/model'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { samples } from '../samples.ts'
import { withScores } from './bundle-model.ts'
import { checkProof } from './check-proof.ts'
import type { Model } from './loaded-spec.ts'
import { proofRows } from './proof-rows.ts'
import { readProof } from './read-proof.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f']
const channels = names.map((name) => ({ name, unit: '' }))
const rows = samples(Object.fromEntries(names.map((name, c) => [name, [c + 1, c + 2, c + 3]])))
const scaledSum =
  (by: number) =>
  async ({ values, length, channels: of }: Samples) =>
    Float64Array.from({ length }, (_, i) => by * of.reduce((sum, _, c) => sum + (c + 1) * values[c * length + i]!, 0))
const proofOf = async (by: number, tolerance = 1e-5) =>
  await proofRows(rows, channels, scaledSum(by), { tolerance, scans: 1 })

describe('a proof', () => {
  it('is as strict with scores far below 1', async () => {
    const proof = await proofOf(4e-8)
    expect(proof.tolerance).toBeCloseTo(0.01 * Math.max(...proof.scores.map(Number)), 12)
    const read = readProof(proof, names.length, '')
    await expect(checkProof('it', read, names, scaledSum(4e-8))).resolves.toBeUndefined()
    await expect(checkProof('it', read, names, scaledSum(3e-8))).rejects.toThrow(/row 0 scores/)
    expect((await proofOf(1)).tolerance).toBe(1e-5)
    expect((await proofOf(0)).tolerance).toBe(1e-12)
  })

  it('of more rows than any needs is refused', () => {
    const long = { rows: Array.from({ length: 20_001 }, () => [1]), scores: [], tolerance: 0 }
    expect(() => readProof(long, 1, '')).toThrow(/rows must be/)
  })
})

describe('a proof that is not kept', () => {
  afterEach(() => vi.useRealTimers())

  it('opens one detector for all that is tried, and closes it', async () => {
    const read = readProof(await proofOf(1), names.length, '')
    const told: string[] = []
    const wrong = scaledSum(2)
    const detector = {
      open: async () => void told.push('open'),
      async score(of: Samples) {
        told.push('score')
        return await wrong(of)
      },
      close: async () => void told.push('close')
    } as unknown as AsyncDetector
    const model = { async: true, create: () => detector } as unknown as Model
    await expect(withScores(model, channels, (score) => checkProof('it', read, names, score))).rejects.toThrow(/row 0/)
    // all 15 pairs
    expect(told).toEqual(['open', ...Array.from({ length: 16 }, () => 'score'), 'close'])
  })

  it('is not searched for swapped channels for longer than two seconds', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const read = readProof(await proofOf(1), names.length, '')
    let asked = 0
    const slow = async (of: Samples): Promise<Float64Array> => {
      asked += 1
      vi.advanceTimersByTime(900)
      return await scaledSum(2)(of)
    }
    await expect(checkProof('it', read, names, slow)).rejects.toThrow(/3 of 3 rows differ$/)
    expect(asked).toBe(1 + 3)
  })
})
