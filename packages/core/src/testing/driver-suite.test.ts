import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import type { Block } from '../model/block.ts'
import { driverChecks, driverSuite } from './driver-suite.ts'
import { type DriverFault, plainDriverSubject } from './fixtures/plain-driver.ts'

driverSuite('a plain driver', plainDriverSubject(), { describe, it })

/** All scans of a block at the time at which they arrived. */
const stampedAtArrival = (block: Block): Block => {
  const { start, uncertainty } = block.time
  return { ...block, time: { start, clock: 'arrival', uncertainty, offsets: new Float64Array(block.length) } }
}

const in9Bits = (block: Block): Block => ({ ...block, values: block.values.map((value) => Math.min(value, 511)) })

const faults: readonly (readonly [rule: string, what: string, fault: DriverFault, message: string])[] = [
  ['V1', 'writes a setting whenever it is read', { writes: 0x53 }, 'it writes 53, which a reading does not need'],
  [
    'V2',
    'has room for 9 bits',
    { batch: (batch) => ({ ...batch, blocks: batch.blocks.map(in9Bits) }) },
    'Expected values to be strictly deep-equal'
  ],
  ['V3', 'begins anew at every chunk', { resetsAtChunks: true }, 'in chunks of 1 bytes'],
  ['V4', 'skips garbage without a word', { isSilentAboutGarbage: true }, 'scans with a gap before them'],
  ['V5', 'trusts damaged frames', { checksNothing: true }, ''],
  ['V6', 'counts time by scans', { countsTime: true }, ''],
  ['V7', 'throws an error of its own', { throwsItsOwn: true }, 'the error is a NotConnectedError, got Error: closed'],
  ['V8', 'drops at a stop what it has', { dropsAtStop: true }, ''],
  [
    'V9',
    'stamps all scans of a chunk with its arrival',
    { batch: (batch) => ({ ...batch, blocks: batch.blocks.map(stampedAtArrival) }) },
    'scan 1 is not later than the scan before it'
  ],
  ['V10', 'has another unit', { unit: 'kN' }, ''],
  ['V11', 'buffers without a bound', { buffer: '1GiB' }, '14288 scans were held, 4096 are allowed'],
  ['V12', 'forgets where it was', { forgetsPosition: true }, 'position 49 comes after 49'],
  ['V13', 'waits for ever', { patienceMs: 20_000 }, 'an error did not come within 2000 ms']
]

describe('driverChecks', () => {
  it.each(faults)('%s alone notices a driver that %s', async (rule, _what, fault, message) => {
    const failed: string[] = []
    for (const { name, skip, run } of driverChecks(plainDriverSubject(fault))) {
      if (skip !== undefined) continue
      try {
        await run()
      } catch (error) {
        expect(error).toBeInstanceOf(AssertionError)
        expect((error as Error).message).toContain(message)
        failed.push(name.split(' ')[0] as string)
      }
    }
    expect(failed).toEqual([rule])
  })

  it('names the rules it skips, with reasons', () => {
    const { damage: _damage, device: _device, bufferScans: _scans, ...bare } = plainDriverSubject()
    const skipped = [...driverChecks({ ...bare, skip: { V6: 'no clock' } })].flatMap(({ name, skip }) =>
      skip ? [name.split(' ')[0]] : []
    )
    expect(skipped).toEqual(['V5', 'V6', 'V11', 'V13'])
  })
})
