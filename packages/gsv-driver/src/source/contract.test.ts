import type { Batch, Gap, Source } from '@messwerk/core/model'
import { sourceSuite } from '@messwerk/core/testing'
import { describe, expect, it } from 'vitest'
import { commandByCode } from '../commands/index.ts'
import { type SimulatedGsv, simulateGsv } from '../simulator/index.ts'
import { type GsvSourceOptions, gsvSource } from './gsv-source.ts'

const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

sourceSuite(
  'gsvSource',
  {
    open: () => gsvSource({ link: () => simulateGsv().link({ speed: 'max', duration: '2s' }), block: { scans: 50 } }),
    scans: 2000,
    unreachable: () => gsvSource({ url: 'tcp://127.0.0.1:1' }),
    skip: { S8: 'an amplifier keeps nothing: what was not read is gone' }
  },
  { describe, it }
)

interface Account {
  readonly stored: number
  readonly gaps: { first: number; scans: Gap['scans']; cause: string }[]
  readonly last: Batch | undefined
}

async function account(source: Source): Promise<Account> {
  let stored = 0
  let last: Batch | undefined
  const gaps: Account['gaps'] = []
  for await (const batch of source.read({ signal: new AbortController().signal, from: {}, splits })) {
    last = batch
    for (const { gap, length, origin } of batch.blocks) {
      stored += length
      if (gap) gaps.push({ first: origin.position - length + 1, scans: gap.scans, cause: gap.cause })
    }
  }
  return { stored, gaps, last }
}

/** A source of a whole run in process, and what kinds of commands it sent. */
function watched(amplifier: SimulatedGsv, options: GsvSourceOptions = {}): { source: Source; kinds: string[] } {
  const kinds: string[] = []
  const link = () => {
    const inner = amplifier.link({ speed: 'max', duration: '8s' })
    const write = inner.write.bind(inner)
    inner.write = (bytes) => {
      kinds.push(commandByCode(bytes[2] as number, 'gsv-8')?.direction ?? 'unknown')
      return write(bytes)
    }
    return inner
  }
  return { source: gsvSource({ link, ...options }), kinds }
}

describe('accounts', () => {
  it('many damaged frames are declared once, not as lost besides', async () => {
    const amplifier = simulateGsv({ rate: 10_000 })
    amplifier.corruptFrames({ at: 20_000, count: 2500 })
    const { stored, gaps } = await account(watched(amplifier).source)
    expect(gaps).toEqual([{ first: 22_500, scans: 2500, cause: 'resync' }])
    expect(stored + 2500).toBe(amplifier.sent)
  })
  it('damage before a loss: both are declared, each in its place', async () => {
    const amplifier = simulateGsv({ rate: 10_000 })
    amplifier.corruptFrames({ at: 20_000, count: 3 })
    amplifier.loseFrames({ at: 40_000, count: 10_000 })
    const { stored, gaps } = await account(watched(amplifier).source)
    expect(gaps).toEqual([
      { first: 20_003, scans: 3, cause: 'resync' },
      { first: 50_000, scans: 10_000, cause: 'lost' }
    ])
    expect(stored + 10_003).toBe(amplifier.sent)
  })
  it('damage at the very end is told by a notice behind the last block', async () => {
    const amplifier = simulateGsv()
    amplifier.corruptFrames({ at: 7990, count: 10 })
    const { stored, last } = await account(watched(amplifier).source)
    expect(stored).toBe(7990)
    expect(last).toMatchObject({
      position: 7999,
      blocks: [],
      events: [{ kind: 'notice', rule: 'gap', data: { scans: 10, cause: 'resync' } }]
    })
  })
})

describe('what is written to the device', () => {
  for (const rate of [undefined, 1000, 1000.05]) {
    it(`nothing where it has the rate: ${rate ?? 'left out'}`, async () => {
      const { source, kinds } = watched(simulateGsv({ rate: 1000 }), rate === undefined ? {} : { rate })
      await account(source)
      expect(kinds.length).toBeGreaterThan(10)
      expect(kinds).not.toContain('write')
      expect(kinds).not.toContain('unknown')
    })
  }
  it('another rate, once', async () => {
    const { source, kinds } = watched(simulateGsv({ rate: 1000 }), { rate: 1100 })
    await account(source)
    expect(kinds.filter((kind) => kind === 'write')).toHaveLength(1)
  })
  it('not again what it made of a rate that it cannot have exactly', async () => {
    const { source, kinds } = watched(simulateGsv({ rate: 48_000 / 44 }), { rate: 1100 })
    await account(source)
    expect(kinds).not.toContain('write')
  })
  it('a rate that it refuses: GsvError with name and what to do', async () => {
    const reading = account(watched(simulateGsv(), { rate: 20_000 }).source)
    await expect(reading).rejects.toMatchObject({ code: 'DEVICE_REFUSED', command: 'WriteDataRate', status: 0x54 })
    await expect(reading).rejects.toThrow(/ERR_PAR_ABSBIG.*; read back what the device allows/)
  })
})
