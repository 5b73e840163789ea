import { AssertionError } from 'node:assert'
import { describe, expect, it } from 'vitest'
import { asyncDetectorChecks } from './async-detector-checks.ts'
import { asyncDetectorSuite } from './async-detector-suite.ts'
import { faultyAsyncTwins, plainAsyncSpec } from './fixtures/async-detector-twins.ts'

asyncDetectorSuite('a plain asynchronous detector', { spec: plainAsyncSpec }, { describe, it })

describe('faulty twins', () => {
  const checks = [...asyncDetectorChecks({ spec: plainAsyncSpec })].map((check) => check.name)

  it('has one for every check', () => {
    const noticed = new Set(faultyAsyncTwins.map((twin) => twin.fails))
    expect(noticed).toEqual(new Set(checks.map((name) => name.split(' ')[0])))
  })

  it.each(faultyAsyncTwins)('$fails alone notices one that $fault', async ({ fails, spec }) => {
    const failed: (string | undefined)[] = []
    for (const { name, run } of asyncDetectorChecks({ spec })) {
      try {
        await run()
      } catch {
        failed.push(name.split(' ')[0])
      }
    }
    expect(failed).toEqual([fails])
  })
})

describe('asyncDetectorSuite', () => {
  it('skips with the reason', () => {
    const skipped: string[] = []
    const ran: string[] = []
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: Object.assign((name: string) => ran.push(name), { skip: (name: string) => skipped.push(name) })
    }
    asyncDetectorSuite('x', { spec: plainAsyncSpec, skip: { A8: 'has no shares' } }, runner)
    expect(skipped).toEqual(['A8 shares are not negative and sum to the score (has no shares)'])
    expect(ran).toHaveLength(12)
  })

  it('takes an outlier as scans, too', async () => {
    const values = Float64Array.from({ length: 12 }, (_, k) => (k % 3 === 2 ? 1e4 : 10 * Math.ceil((k + 1) / 3)))
    const outlier = { channels: ['a', 'b', 'c', 'd'], length: 3, values, seconds: 1 }
    const check = [...asyncDetectorChecks({ spec: plainAsyncSpec, outlier })][1]!
    await check.run()
    const calm = {
      channels: outlier.channels,
      length: 3,
      values: values.map((_, k) => 10 * Math.ceil((k + 1) / 3)),
      seconds: 1
    }
    const refuted = [...asyncDetectorChecks({ spec: plainAsyncSpec, outlier: calm })][1]!
    await expect(refuted.run()).rejects.toBeInstanceOf(AssertionError)
  })
})
