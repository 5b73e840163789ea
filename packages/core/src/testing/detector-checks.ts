import { deepStrictEqual as equal, notEqual, ok, strictEqual, throws } from 'node:assert'
import type { Detector } from '../model/detector.ts'
import type { Samples } from '../model/samples.ts'
import {
  blocksOf,
  copyOf,
  deviationOf,
  faulty,
  flattened,
  isBroken,
  joined,
  labelled,
  moved,
  narrowed,
  scansOf,
  scansWhere,
  widened,
  withoutNumbers
} from './detector-samples.ts'
import { type DetectorCase, type DetectorSubject, detectorCase } from './detector-subject.ts'
import { type Check, checksOf } from './suite.ts'

/**
 * Every rule that the contract of a detector states, one check each. `detectorSuite` hands them to a test runner.
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 * import { detectorChecks } from '@messwerk/core/testing'
 *
 * const checks = [...detectorChecks({ spec: robustZ() })]
 * checks[0]?.name // => 'D1 scores NaN before it has learned anything'
 * for (const check of checks) await check.run()
 * ```
 */
export function detectorChecks(subject: DetectorSubject): Generator<Check> {
  return checksOf(rules, detectorCase(subject), subject.skip)
}

const rules: Readonly<Record<string, (on: DetectorCase) => void>> = {
  'D1 scores NaN before it has learned anything': ({ create, normal }) => {
    strictEqual(create().ready, false)
    ok(create().score(normal).every(Number.isNaN))
    ok(Number.isNaN(create().process(scansOf(normal, 0, 1))[0]))
  },

  'D2 ranks an outlier above every normal scan': ({ fitted, normal, outlier }) => {
    const detector = fitted()
    strictEqual(detector.ready, true)
    const scores = detector.score(normal)
    ok(scores.every((score) => score >= 0 && score < Number.POSITIVE_INFINITY))
    ok(detector.score(outlier).at(-1)! > Math.max(...scores))
  },

  'D3 score learns nothing': ({ fitted, normal, outlier }) => {
    const detector = fitted()
    const before = detector.score(normal)
    for (let i = 0; i < 100; i += 1) detector.score(outlier)
    equal(detector.score(normal), before)
  },

  'D4 fit forgets what was learned before': ({ create, fitted, normal }) => {
    const detector = create()
    detector.fit(moved(normal))
    detector.fit(normal)
    equal(detector.score(normal), fitted().score(normal))
  },

  'D5 equal seed and data give equal bits, and two detectors share nothing': ({ create, fitted, normal }) => {
    const [one, two] = [fitted(), create()]
    strictEqual(two.ready, false)
    two.fit(normal)
    for (const detector of [one, two]) detector.update(scansOf(normal, 0, 20))
    equal(one.process(normal), two.process(normal))
  },

  'D6 a restored snapshot goes on with the same bits, and is a copy': ({ spec, fitted, normal, outlier }) => {
    const detector = fitted()
    detector.process(scansOf(normal, 0, 50))
    const snapshot = detector.snapshot()
    const kept = structuredClone(snapshot)
    const restored = spec.restore(structuredClone(snapshot))
    equal(restored.score(normal), detector.score(normal))
    equal(restored.process(normal), detector.process(normal))
    equal(restored.explain(outlier, 0), detector.explain(outlier, 0))
    equal(restored.snapshot(), detector.snapshot())
    equal(snapshot, kept)
  },

  'D7 refuses a snapshot of another kind or a newer version': ({ spec, fitted }) => {
    const { kind, version, state } = fitted().snapshot()
    throws(() => spec.restore({ kind: `not-${kind}`, version, state }), { code: 'SNAPSHOT_INCOMPATIBLE' })
    throws(() => spec.restore({ kind, version: version + 1, state }), { code: 'SNAPSHOT_INCOMPATIBLE' })
  },

  'D8 a scan with a value that is not finite scores NaN and is not learned': ({ create, fitted, normal }) => {
    // Both with a time for each scan: what is left out takes its time all the same.
    const broken = withoutNumbers(scansWhere(normal, () => true))
    const clean = scansWhere(normal, (i) => !isBroken(i))
    const [one, two] = [create(), create()]
    one.fit(broken)
    two.fit(clean)
    equal(one.score(normal), two.score(normal))
    const scores = fitted().process(broken)
    const { sequential = false } = one
    if (!sequential) equal(Float64Array.from(scores.filter((_, i) => !isBroken(i))), fitted().process(clean))
    // One that looks back may have no answer behind a hole either.
    const fits = (score: number, i: number): boolean =>
      isBroken(i) || !sequential ? Number.isNaN(score) === isBroken(i) : !(score < 0)
    ok(scores.every(fits))
    ok(fitted().score(broken).every(fits))
  },

  'D9 input is neither changed nor kept': ({ create, fitted, normal }) => {
    const [detector, reference] = [create(), fitted()]
    for (const learn of ['fit', 'update', 'process'] as const) {
      const given = copyOf(normal)
      detector[learn](given)
      if (learn !== 'fit') reference[learn](normal)
      detector.score(given)
      detector.explain(given, 0)
      equal(given, normal)
      given.values.fill(1e6)
      equal(detector.score(normal), reference.score(normal))
    }
  },

  'D10 refuses samples of another number of channels': ({ fitted, normal }) => {
    for (const wrong of [widened(normal), narrowed(normal)]) {
      const detector = fitted()
      for (const use of ['fit', 'update', 'score', 'process'] as const)
        throws(() => detector[use](wrong), { code: 'SHAPE_MISMATCH' })
      throws(() => detector.explain(wrong, 0), { code: 'SHAPE_MISMATCH' })
      equal(detector.score(normal), fitted().score(normal))
    }
  },

  'D11 shares are not negative and sum to the score': ({ fitted, normal, outlier }) => {
    const detector = fitted()
    for (const samples of [outlier, scansOf(normal, 0, 50)]) {
      const scores = detector.score(samples)
      for (let i = 0; i < samples.length; i += 1) {
        const shares = detector.explain(samples, i)
        strictEqual(shares.length, normal.channels.length)
        ok(shares.every((share) => share >= 0))
        const sum = shares.reduce((total, share) => total + share, 0)
        ok(Math.abs(sum - scores[i]!) <= 1e-9 * scores[i]!, `shares sum to ${sum}, the score is ${scores[i]}`)
      }
    }
  },

  'D12 memory does not grow with the number of scans': ({ fitted, normal, saturated }) => {
    const detector = fitted()
    const learn = (): number => {
      for (let scans = 0; scans < saturated; scans += normal.length) detector.process(normal)
      return bytesOf(detector.snapshot().state)
    }
    const full = learn()
    const later = learn()
    ok(later <= 1.05 * full + 1024, `the snapshot grew from ${full} to ${later} bytes`)
  },

  'D13 any cutting into blocks gives the same bits': ({ create, fitted, normal }) => {
    equal(inBlocks(normal, fitted(), 'watch'), fitted().score(normal))
    for (const make of [create, fitted]) {
      const [whole, cut] = [make(), make()]
      equal(inBlocks(normal, cut, 'process'), whole.process(normal))
      whole.update(normal)
      for (const block of blocksOf(normal)) cut.update(block)
      equal(cut.process(scansOf(normal, 0, 20)), whole.process(scansOf(normal, 0, 20)))
    }
  },

  'D14 explain inside admit speaks of the state that scored': ({ fitted, normal, outlier }) => {
    const [detector, reference] = [fitted(), fitted()]
    const samples = joined(outlier, scansOf(normal, 0, 20))
    detector.process(samples, (_, i) => {
      equal(detector.explain(samples, i), reference.explain(scansOf(samples, i, i + 1), 0))
      reference.process(scansOf(samples, i, i + 1))
      return true
    })
  },

  'D15 a channel that never moves does no harm': ({ create, normal, outlier }) => {
    const flat = flattened(normal)
    const detector = create()
    detector.fit(flat)
    for (const samples of [flat, normal, outlier]) {
      const areFinite = detector.score(samples).every((score) => score >= 0 && score < Number.POSITIVE_INFINITY)
      ok(areFinite, 'scores must be finite where a learned channel was flat')
    }
    ok(detector.process(flat).every(Number.isFinite))
  },

  'D16 writes into `out` and returns it': ({ fitted, normal, outlier }) => {
    const detector = fitted()
    const out = new Float64Array(normal.length)
    strictEqual(detector.score(normal, out), out)
    equal(out, detector.score(normal))
    const shares = new Float64Array(normal.channels.length)
    strictEqual(detector.explain(outlier, 0, shares), shares)
    equal(shares, detector.explain(outlier, 0))
    strictEqual(detector.process(normal, undefined, out.fill(-1)), out)
    notEqual(out[0], -1)
  },

  'D17 process asks for each scan in order and learns what is admitted, nothing else': ({
    fitted,
    normal,
    outlier
  }) => {
    const [detector, reference] = [fitted(), fitted()]
    for (const each of [detector, reference]) for (let i = 0; i < 20; i += 1) each.process(outlier, () => false)
    // One that looks back has moved on all the same.
    if (!detector.sequential) equal(detector.score(normal), fitted().score(normal))
    const asked: number[] = []
    const scans = scansOf(normal, 0, 60)
    detector.process(scans, (score, i) => {
      const scan = scansOf(scans, i, i + 1)
      asked.push(i)
      strictEqual(score, reference.score(scan)[0])
      // Refused too, it has been seen: time has passed.
      if (i % 3 > 0) reference.update(scan)
      else reference.process(scan, () => false)
      return i % 3 > 0
    })
    equal(asked, [...Array(60).keys()])
    equal(detector.score(normal), reference.score(normal))
  },

  'D18 a channel that is no measurement changes nothing': ({ spec, channels, fitted, normal, outlier }) => {
    const detector = spec.create([...channels, { name: 'label', unit: '1', role: 'flag' }])
    detector.fit(labelled(normal))
    equal(detector.score(labelled(normal)), fitted().score(normal))
    equal(detector.explain(labelled(outlier), 0).slice(0, -1), fitted().explain(outlier, 0))
    ok(!(detector.explain(labelled(outlier), 0).at(-1)! > 0))
  },

  'D19 names the channel that is at fault': ({ fitted, normal }) => {
    const detector = fitted()
    const [tried, named] = [[] as number[], [] as number[]]
    for (let i = 0; i < Math.min(normal.length, 200); i += 1) {
      const c = i % normal.channels.length
      const scan = faulty(normal, i, c, (i % 2 === 0 ? 6 : -6) * deviationOf(normal, c))
      if (!(detector.score(scan)[0]! > 0)) continue
      tried.push(i)
      const shares = detector.explain(scan, 0)
      if (shares[c] === Math.max(...shares)) named.push(i)
    }
    ok(named.length >= 0.9 * tried.length, `named the channel in ${named.length} of ${tried.length} scans`)
  }
}

/** Blocks scored one after the other: those that look back are moved along by `process`. */
function inBlocks(samples: Samples, detector: Detector, use: 'watch' | 'process'): Float64Array {
  const scored = (block: Samples): Float64Array => {
    if (use === 'process') return detector.process(block)
    return detector.sequential ? detector.process(block, () => false) : detector.score(block)
  }
  return Float64Array.from([...blocksOf(samples)].flatMap((block) => [...scored(block)]))
}

/** Bytes of numbers and texts in plain state. */
function bytesOf(state: unknown): number {
  if (ArrayBuffer.isView(state)) return state.byteLength
  if (state instanceof Map || state instanceof Set) return bytesOf([...state])
  if (typeof state === 'object' && state !== null)
    return Object.values(state).reduce((sum: number, part) => sum + bytesOf(part), 0)
  return typeof state === 'string' ? 2 * state.length : 8
}
