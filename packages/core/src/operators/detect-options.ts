import type { DetectorSpec } from '../model/detector.ts'
import { type Limits, limitsSpec, parseLimits } from '../model/limits.ts'
import { pValue } from '../model/p-value.ts'
import { parseSpan } from '../model/span.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import type { DetectOptions } from './detect.ts'
import type { MinChange } from './detect-floor.ts'
import { type DetectPlan, onlyOf } from './detect-plan.ts'

/** Checks the options of `detect`. @internal */
export function planOf(given: DetectorSpec, options: DetectOptions & { readonly as?: string | undefined }): DetectPlan {
  checkSpec(given)
  const { learn = 'always', then = 'freeze', as = 'score', scale = 'raw', deviations = false, each = false } = options
  if (typeof as !== 'string' || as === '')
    throw new TypeError(`detect: as must be a non-empty string, got ${String(as)}`)
  isSwitch(deviations, 'deviations')
  isSwitch(each, 'each')
  oneOf(then, ['freeze', 'adapt'], 'then')
  oneOf(scale, ['raw', 'p-value'], 'scale')
  const isSpan = learn !== 'always' && learn !== 'never'
  if (!isSpan && options.then !== undefined) {
    throw new RangeError(`detect: then needs learn to be a span such as '30s', got learn '${learn}' and then '${then}'`)
  }
  const adapts = isSpan ? then === 'adapt' : learn === 'always'
  const threshold = thresholdOf(options.threshold)
  checkNeeds(options, threshold)
  const spec = scale === 'p-value' ? pValue(given, { adapts }) : given
  if (each) for (const name of spec.channels ?? []) onlyOf(spec, name)
  return {
    spec,
    as,
    learn: isSpan ? parseSpan(learn, "detect: learn must be 'always' or 'never', or it") : learn,
    adapts,
    threshold,
    explain: explainOf(options),
    deviations,
    each,
    minChange: minChangeOf(options),
    rebase: options.rebase === undefined ? undefined : parseSpan(options.rebase, 'detect: rebase')
  }
}

function checkSpec(spec: DetectorSpec): void {
  if (typeof (spec as DetectorSpec | undefined)?.create !== 'function') {
    throw new TypeError(`detect: needs a detector such as robustZ(), got ${String(spec)}`)
  }
  if (spec.channels?.length === 0)
    throw new RangeError("detect: the detector's channels must name at least one, got []")
}

/** Options that make no sense without another one. */
function checkNeeds({ learn = 'always', scale, minChange, rebase }: DetectOptions, threshold?: ThresholdSpec): void {
  const isSpan = learn !== 'always' && learn !== 'never'
  if (threshold?.calibrates && !isSpan) {
    throw new RangeError(
      `detect: threshold '${threshold.kind}' needs learn to be a span such as '30s', got learn '${learn}'`
    )
  }
  if (scale === 'p-value' && !isSpan) {
    throw new RangeError(`detect: scale 'p-value' needs learn to be a span such as '30s', got learn '${learn}'`)
  }
  if (minChange !== undefined && threshold === undefined)
    throw new RangeError('detect: minChange needs a threshold, got none')
  if (rebase === undefined) return
  if (threshold === undefined) throw new RangeError('detect: rebase needs a threshold, got none')
  if (learn === 'never') {
    throw new RangeError("detect: rebase needs a detector that may learn, got learn 'never'")
  }
}

function thresholdOf(threshold: Limits | ThresholdSpec | undefined): ThresholdSpec | undefined {
  if (threshold === undefined) return undefined
  if (typeof threshold !== 'object' || threshold === null) {
    throw new TypeError(`detect: threshold must be limits such as { raise: 6, clear: 4 }, got ${String(threshold)}`)
  }
  if ('create' in threshold) return threshold
  const parsed = parseLimits(threshold, 'detect: threshold.')
  if (parsed.sign === 1) return limitsSpec(parsed)
  const { raise, clear } = threshold
  throw new RangeError(
    `detect: threshold.clear must not be above raise (${raise}), as a higher score is more anomalous, got ${clear}`
  )
}

function minChangeOf({ minChange }: DetectOptions): MinChange | undefined {
  if (minChange === undefined) return undefined
  const isRecord = typeof minChange === 'object' && minChange !== null
  for (const [name, least] of isRecord ? Object.entries(minChange) : [['', minChange] as const]) {
    if (typeof least === 'number' && least >= 0 && least < Number.POSITIVE_INFINITY) continue
    const option = name === '' ? 'minChange' : `minChange of '${name}'`
    throw new RangeError(
      `detect: ${option} must be a finite number from 0, in the unit of the signal, got ${String(least)}`
    )
  }
  return minChange
}

function explainOf({ threshold, explain }: DetectOptions): DetectPlan['explain'] {
  if (explain === undefined) return threshold === undefined ? 'never' : 'raised'
  oneOf(explain, ['raised', 'all', 'never'], 'explain')
  if (explain !== 'raised' || threshold !== undefined) return explain
  throw new RangeError("detect: explain 'raised' needs a threshold, got none; 'all' explains every scan")
}

function isSwitch(value: unknown, option: string): void {
  if (typeof value !== 'boolean') throw new TypeError(`detect: ${option} must be true or false, got ${String(value)}`)
}

function oneOf(value: unknown, allowed: readonly string[], option: string): void {
  if (allowed.includes(value as string)) return
  throw new RangeError(
    `detect: ${option} must be ${allowed.map((name) => `'${name}'`).join(' or ')}, got ${String(value)}`
  )
}
