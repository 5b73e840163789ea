import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileCheckpoints } from '../node/file-checkpoints.ts'
import { checkpointChecks, checkpointSuite } from './checkpoint-suite.ts'
import { checkpointTwins, memoryPlace } from './fixtures/checkpoint-twins.ts'

checkpointSuite('memoryCheckpoints', { place: async () => memoryPlace() }, { describe, it })

checkpointSuite(
  'fileCheckpoints',
  {
    async place() {
      const path = mkdtempSync(join(tmpdir(), 'messwerk-checkpoints-'))
      return {
        open: () => fileCheckpoints({ path }),
        async damage() {
          const newest = readdirSync(path)
            .filter((name) => name.endsWith('.checkpoint'))
            .sort()
            .at(-1) as string
          const bytes = readFileSync(join(path, newest))
          bytes[bytes.length - 5]! ^= 1
          writeFileSync(join(path, newest), bytes)
        },
        remove: async () => rmSync(path, { recursive: true })
      }
    }
  },
  { describe, it }
)

describe('checkpointChecks', () => {
  it.each(checkpointTwins)('%s alone notices a store that %s', async (rule, _what, place) => {
    const failed: string[] = []
    for (const check of checkpointChecks({ place: async () => place() })) {
      try {
        await check.run()
      } catch {
        failed.push(check.name.split(' ')[0] as string)
      }
    }
    expect(failed).toEqual([rule])
  })

  it('has a twin for each rule, and skips with a reason', () => {
    const checks = [...checkpointChecks({ place: async () => memoryPlace(), skip: { C7: 'no disk' } })]
    expect(checks.map(({ name }) => name.split(' ')[0])).toEqual(checkpointTwins.map(([rule]) => rule))
    expect(checks.filter(({ skip }) => skip).map(({ name, skip }) => [name.slice(0, 2), skip])).toEqual([
      ['C7', 'no disk']
    ])
  })
})
