import type { AsyncDetectorSpec } from '../model/async-detector.ts'
import type { DetectorSpec } from '../model/detector.ts'
import { type Limits, limitsSpec, parseLimits } from '../model/limits.ts'
import { pValue } from '../model/p-value.ts'
import { parseSpan } from '../model/span.ts'
import type { ThresholdSpec } from '../model/threshold.ts'
import type { DetectModelOptions, DetectOptions } from './detect.ts'
import type { MinChange } from './detect-floor.ts'
import { type AnySpec, type DetectPlan, type LaterPlan, onlyOf } from './detect-plan.ts'

/** Checks the options of `detect`. @internal */
export function planOf(given: DetectorSpec, options: DetectOptions & { readonly as?: string | undefined }): DetectPlan {
  checkSpec(given)
  const isFitted = given.model !== undefined
  const { then = 'freeze', as = 'score', scale = 'raw', deviations = false, each = false } = options
  const { learn = isFitted ? 'never' : 'always' } = options
  checkName(as)
  isSwitch(deviations, 'deviations')
  isSwitch(each, 'each')
  oneOf(then, ['freeze', 'adapt'], 'then')
  oneOf(scale, ['raw', 'p-value'], 'scale')
  const isSpan = learn !== 'always' && learn !== 'never'
  if (!isSpan && options.then !== undefined) {
    throw new RangeError(`detect: then needs learn to be a span such as '30s', got learn '${learn}' and then '${then}'`)
  }
  const adapts = isSpan ? then === 'adapt' : learn === 'always'
  const threshold = thresholdOf(options.threshold) ?? given.threshold
  if (isFitted) checkFitted(given.kind, options, threshold)
  checkNeeds(Object.assign({}, options, { learn }), threshold)
  const spec = scale === 'p-value' ? pValue(given, { adapts }) : given
  if (each) for (const name of spec.channels ?? []) onlyOf(spec, name)
  const span = isSpan ? parseSpan(learn, "detect: learn must be 'always' or 'never', or it") : undefined
  return {
    spec,
    as,
    model: given.model,
    isSwapped: false,
    learn: isFitted && span ? 'never' : (span ?? (learn as 'always' | 'never')),
    calibration: isFitted ? span : undefined,
    adapts,
    threshold,
    explain: explainOf(options.explain, threshold),
    deviations,
    each,
    minChange: minChangeOf(options),
    rebase: options.rebase === undefined ? undefined : parseSpan(options.rebase, 'detect: rebase')
  }
}

/** Checks the options for a detector that answers later. @internal */
export function laterPlanOf(
  spec: AsyncDetectorSpec,
  options: DetectModelOptions & { readonly as?: string | undefined }
): LaterPlan {
  checkSpec(spec)
  const { as = 'score' } = options
  checkName(as)
  const threshold = thresholdOf(options.threshold) ?? spec.threshold
  checkFitted(spec.kind, options, threshold)
  refuseOptions(options, ONLY_AT_ONCE, `a detector that answers at once, got '${spec.kind}', which answers later`)
  const { learn = 'never' } = options
  if ((learn as string) === 'always') {
    throw new RangeError(`detect: learn 'always' needs a detector that learns here, got '${spec.kind}', which does not`)
  }
  const calibration = learn === 'never' ? undefined : parseSpan(learn, "detect: learn must be 'never', or it")
  checkNeeds(Object.assign({}, options, { learn }), threshold)
  const explain = explainOf(options.explain, threshold)
  return {
    spec,
    as,
    model: spec.model,
    isSwapped: false,
    threshold,
    calibration,
    explain,
    adapts: false,
    deviations: false
  }
}

/** Options that make a detector be asked while its scores are judged. */
const ONLY_AT_ONCE = ['minChange', 'deviations', 'each']

/** Checks the options for models that are not known yet. @internal */
export function checkModelOptions(options: DetectModelOptions & { readonly as?: string | undefined }): void {
  const none: AsyncDetectorSpec = {
    kind: 'the models',
    async: true,
    create: () => ({ lookBack: 0, score: async () => NONE })
  }
  refuseOptions(options, ONLY_AT_ONCE, 'one detector, got several models')
  laterPlanOf(none, options)
}

const NONE = new Float64Array(0)

function refuseOptions(options: object, names: readonly string[], need: string): void {
  for (const name of names) {
    if ((options as Record<string, unknown>)[name] !== undefined) throw new RangeError(`detect: ${name} needs ${need}`)
  }
}

/** The plan for one of the models that come one after the other. @internal */
export function swappedPlanOf(
  model: AnySpec,
  { as, learn, threshold, explain = 'raised' }: DetectModelOptions & { readonly as?: string | undefined }
): DetectPlan | LaterPlan {
  // what is added must not depend on whether a model brings a threshold
  const given = { as, learn, threshold, explain: explain === 'raised' ? undefined : explain }
  const plan = isLater(model) ? laterPlanOf(model, given) : planOf(model, given)
  return Object.assign({}, plan, { isSwapped: true, explain })
}

/** @internal */
export function isLater(spec: AnySpec): spec is AsyncDetectorSpec {
  return 'async' in spec && spec.async === true
}

/** What does not go with a detector that has learned elsewhere. */
function checkFitted(kind: string, options: DetectOptions, threshold: ThresholdSpec | undefined): void {
  const { learn = 'never', then, scale = 'raw', rebase } = options
  const learns = then !== undefined ? 'then' : scale !== 'raw' ? 'scale' : rebase !== undefined ? 'rebase' : undefined
  if (learns !== undefined) {
    throw new RangeError(`detect: ${learns} needs a detector that learns here, got '${kind}', which is fitted`)
  }
  if (learn === 'never' || learn === 'always' || threshold?.calibrates) return
  throw new RangeError(
    `detect: learn must be 'never' for '${kind}', which is fitted, or threshold one that calibrates itself, such as falseAlarms(..)`
  )
}

function checkName(as: unknown): void {
  if (typeof as === 'string' && as !== '') return
  throw new TypeError(`detect: as must be a non-empty string, got ${String(as)}`)
}

function checkSpec(spec: AnySpec): void {
  if (typeof (spec as AnySpec | undefined)?.create !== 'function') {
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

function explainOf(explain: DetectOptions['explain'], threshold?: ThresholdSpec): DetectPlan['explain'] {
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
