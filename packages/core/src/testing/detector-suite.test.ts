import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { detectorChecks } from './detector-checks.ts'
import { detectorSuite } from './detector-suite.ts'
import { faultyTwins, plainSpec } from './fixtures/detector-twins.ts'

detectorSuite('a plain detector', { spec: plainSpec }, { describe, it })

describe('faulty twins', () => {
  const checks = [...detectorChecks({ spec: plainSpec })].map((check) => check.name)

  it('has one for every check', () => {
    expect(new Set(faultyTwins.map((twin) => twin.fails))).toEqual(new Set(checks.map((name) => name.split(' ')[0])))
  })

  it.each(faultyTwins)('$fails alone notices one that $fault', async ({ fails, spec }) => {
    const failed: (string | undefined)[] = []
    for (const { name, run } of detectorChecks({ spec })) {
      try {
        await run()
      } catch (error) {
        expect(error).toBeInstanceOf(AssertionError)
        failed.push(name.split(' ')[0])
      }
    }
    expect(failed).toEqual([fails])
  })
})

describe('detectorSuite', () => {
  it('skips with the reason', () => {
    const skipped: string[] = []
    const ran: string[] = []
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: Object.assign((name: string) => ran.push(name), { skip: (name: string) => skipped.push(name) })
    }
    detectorSuite('x', { spec: plainSpec, skip: { D12: 'keeps every scan' } }, runner)
    expect(skipped).toEqual(['D12 memory does not grow with the number of scans (keeps every scan)'])
    expect(ran).toHaveLength(18)
  })

  it('says what is missing where the runner has no globals', () => {
    expect(() => detectorSuite('x', { spec: plainSpec })).toThrow(/runner must be \{ describe, it \}/)
  })
})
