import { deepStrictEqual as equal, ok, rejects, strictEqual } from 'node:assert'
import type { AsyncDetector } from '../model/async-detector.ts'
import type { Samples } from '../model/samples.ts'
import { type AsyncDetectorCase, type AsyncDetectorSubject, asyncDetectorCase } from './async-detector-subject.ts'
import { copyOf, isBroken, labelled, moved, narrowed, scansOf, widened, withoutNumbers } from './detector-samples.ts'
import { type Check, checksOf } from './suite.ts'

/**
 * Every rule that the contract of an asynchronous detector states, one check each. `asyncDetectorSuite` hands them to a test runner.
 *
 * @example
 * ```ts
 * import type { AsyncDetectorSpec, Samples } from '@messwerk/core/model'
 * import { asyncDetectorChecks } from '@messwerk/core/testing'
 *
 * const score = async ({ length }: Samples) => new Float64Array(length)
 * const spec: AsyncDetectorSpec = { kind: 'calm', async: true, create: () => ({ lookBack: 0, score }) }
 * const checks = [...asyncDetectorChecks({ spec })]
 * checks[0]?.name // => 'A1 scores each scan but the first lookBack, finite and not below 0'
 * await checks[0]?.run()
 * ```
 */
export function asyncDetectorChecks(subject: AsyncDetectorSubject): Generator<Check> {
  return checksOf(rules, asyncDetectorCase(subject), subject.skip)
}

const rules: Readonly<Record<string, (on: AsyncDetectorCase) => Promise<void>>> = {
  'A1 scores each scan but the first lookBack, finite and not below 0': async ({ using, normal }) =>
    await using(async (detector) => {
      const { lookBack } = detector
      ok(Number.isSafeInteger(lookBack) && lookBack >= 0 && lookBack < normal.length, `lookBack is ${lookBack}`)
      const scores = await detector.score(normal)
      strictEqual(scores.length, normal.length)
      ok(scores.subarray(0, lookBack).every(Number.isNaN))
      ok(scores.subarray(lookBack).every((score) => score >= 0 && score < Number.POSITIVE_INFINITY))
      equal(await detector.score(scansOf(normal, 0, lookBack)), new Float64Array(lookBack).fill(Number.NaN))
    }),

  'A2 ranks an outlier above every normal scan': async ({ using, normal, outlier }) =>
    await using(async (detector) => {
      const scores = (await detector.score(normal)).subarray(detector.lookBack)
      ok((await detector.score(outlier)).at(-1)! > Math.max(...scores))
    }),

  'A3 remembers nothing, and two detectors give equal bits': async ({ using, normal, outlier }) =>
    await using(async (detector) => {
      const before = await detector.score(normal)
      for (const samples of [outlier, moved(normal), withoutNumbers(normal)]) await detector.score(samples)
      equal(await detector.score(normal), before)
      await using(async (other) => equal(await other.score(normal), before))
    }),

  'A4 any cutting into blocks gives the same bits': async ({ using, normal }) =>
    await using(async (detector) => {
      equal(await inBlocks(normal, detector), await detector.score(normal))
    }),

  'A5 a value that is not finite makes NaN of its scan and of those that look back at it, and changes no other':
    async ({ using, normal }) =>
      await using(async (detector) => {
        const [whole, broken] = [await detector.score(normal), await detector.score(withoutNumbers(normal))]
        const sees = (scan: number): boolean => {
          for (let i = Math.max(0, scan - detector.lookBack); i <= scan; i += 1) if (isBroken(i)) return true
          return false
        }
        equal(
          broken,
          whole.map((score, i) => (sees(i) ? Number.NaN : score))
        )
      }),

  'A6 input is neither changed nor kept': async ({ using, normal }) =>
    await using(async (detector) => {
      const [given, other] = [copyOf(normal), moved(normal)]
      const [scores, others] = [await detector.score(normal), await detector.score(other)]
      equal(await detector.score(given), scores)
      await detector.explain?.(given, given.length - 1)
      equal(given, normal)
      given.values.set(other.values)
      equal(await detector.score(given), others)
    }),

  'A7 refuses samples of another number of channels': async ({ using, normal }) =>
    await using(async (detector) => {
      for (const wrong of [widened(normal), narrowed(normal)]) {
        await rejects(async () => await detector.score(wrong), { code: 'SHAPE_MISMATCH' })
        if (detector.explain)
          await rejects(async () => await detector.explain!(wrong, wrong.length - 1), { code: 'SHAPE_MISMATCH' })
      }
    }),

  'A8 shares are not negative and sum to the score': async ({ using, normal, outlier }) =>
    await using(async (detector) => {
      if (!detector.explain) return
      for (const samples of [outlier, scansOf(normal, 0, Math.min(normal.length, detector.lookBack + 50))]) {
        const scores = await detector.score(samples)
        for (let i = detector.lookBack; i < samples.length; i += Math.ceil(samples.length / 50))
          checkShares(await detector.explain(samples, i), scores[i]!, normal.channels.length)
      }
    }),

  'A9 a channel that is no measurement changes nothing': async ({ using, channels, normal }) =>
    await using(async (detector) => {
      const scores = await detector.score(normal)
      const wide = [...channels, { name: 'label', unit: '1', role: 'flag' as const }]
      await using(async (other) => equal(await other.score(labelled(normal)), scores), wide)
    }),

  'A10 an aborted call ends with the reason of its signal, and does no harm': async ({ create, using, normal }) =>
    await using(async (detector) => {
      const before = await detector.score(normal)
      const reason = new Error('no longer wanted')
      const gone = AbortSignal.abort(reason)
      await isRefused(detector.score(normal, gone), reason)
      if (detector.explain) await isRefused(detector.explain(normal, normal.length - 1, gone), reason)
      const stop = new AbortController()
      const calls = [detector.score(normal, stop.signal), detector.score(normal)]
      stop.abort(reason)
      // Whether it was too late is up to the detector.
      const [stopped, other] = await Promise.allSettled(calls)
      if (stopped?.status === 'rejected') strictEqual(stopped.reason, reason)
      else equal(stopped?.value, before)
      equal(other, { status: 'fulfilled', value: before })
      equal(await detector.score(normal), before)
      const unopened = create()
      if (unopened.open) await isRefused(unopened.open(gone), reason)
      await unopened.close?.()
      await using(async (later) => equal(await later.score(normal), before))
    }),

  'A11 calls under way at the same time do not mix': async ({ using, normal, outlier }) =>
    await using(
      async (one) =>
        await using(async (two) => {
          const inputs = [normal, outlier, scansOf(normal, 0, one.lookBack + 3), moved(normal)]
          const alone: Float64Array[] = []
          for (const samples of inputs) alone.push(await one.score(samples))
          const together = await Promise.all(inputs.flatMap((samples) => [one.score(samples), two.score(samples)]))
          equal(
            together,
            alone.flatMap((scores) => [scores, scores])
          )
        })
    ),

  'A12 close does so once, and leaves other detectors alone': async ({ create, using, normal }) =>
    await using(async (other) => {
      const before = await other.score(normal)
      const never = create()
      await never.close?.()
      await never.close?.()
      const one = create()
      await one.open?.()
      equal(await one.score(normal), before)
      await Promise.all([one.close?.(), one.close?.()])
      await one.close?.()
      equal(await other.score(normal), before)
    }),

  'A13 after the last is closed the next begins anew': async ({ using, normal }) => {
    const first = await using(async (detector) => await detector.score(normal))
    await using(async (detector) => equal(await detector.score(normal), first))
  }
}

/** Blocks one after the other, each behind the scans that it looks back at. */
async function inBlocks(samples: Samples, detector: AsyncDetector): Promise<Float64Array> {
  const sizes = [1, 2, 3, 5, 8, 13, 1, 64]
  const scores = new Float64Array(samples.length)
  for (let from = 0, k = 0; from < samples.length; k += 1) {
    const to = Math.min(samples.length, from + sizes[k % sizes.length]!)
    const before = Math.min(from, detector.lookBack)
    const block = await detector.score(scansOf(samples, from - before, to))
    scores.set(block.subarray(before), from)
    from = to
  }
  return scores
}

function checkShares(shares: Float64Array, score: number, width: number): void {
  strictEqual(shares.length, width)
  ok(shares.every((share) => share >= 0))
  const sum = shares.reduce((total, share) => total + share, 0)
  ok(Math.abs(sum - score) <= 1e-9 * score, `shares sum to ${sum}, the score is ${score}`)
}

async function isRefused(call: Promise<unknown>, reason: Error): Promise<void> {
  await rejects(call, (error) => {
    strictEqual(error, reason)
    return true
  })
}
