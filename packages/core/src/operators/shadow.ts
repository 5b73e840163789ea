import type { Observable } from 'rxjs'
import type { ModelRef } from '../model/model-ref.ts'
import { type Duration, durationMs } from '../model/span.ts'
import { sharedOperator } from '../rx/async-operator.ts'
import type { Operator } from '../rx/operator.ts'
import type { OperatorHost, OperatorRun } from '../rx/operator-run.ts'
import type { Agreement } from './agreement.ts'
import type { AnyModel, DetectAdds, DetectModelsOptions } from './detect.ts'
import { areModels, DetectModels, isModel } from './detect-models.ts'
import { modelsOptions } from './detect-shared.ts'
import { ShadowKernel, type ShadowParts } from './shadow-kernel.ts'

/**
 * How `shadow` scores and reports.
 *
 * @example
 * ```ts
 * import type { ShadowOptions } from '@messwerk/core'
 *
 * const options: ShadowOptions = { threshold: { raise: 6, clear: 4 }, every: '1h' }
 * options.every // => '1h'
 * ```
 */
export interface ShadowOptions extends DetectModelsOptions {
  /** Turns the scores of the candidate into verdicts. @defaultValue `threshold`; without it that of the candidate */
  readonly candidateThreshold?: DetectModelsOptions['threshold']
  /** Length of the spans that are reported, on the grid of event time. @defaultValue '1h' */
  readonly every?: Duration | undefined
  /** Called with every report, which event sinks get as a notice too. */
  readonly report?: ((agreement: Agreement) => void) | undefined
}

/**
 * Watches a stream with two models: the current one decides, as `detect` does with it, and the candidate scores the same scans beside
 * it. To promote the candidate, let the models that `current` gives go on with it.
 *
 * Adds what `detect` adds for the current model, and of the candidate `candidate` (its score), `candidate.limit`, `candidate.flag` and
 * `candidate.version`. At the end of every span, and where the current model is another one from then on, an {@link Agreement} goes to
 * the event sinks as a notice of the rule `shadow`. A candidate that fails costs its own scores, NaN, and a notice.
 *
 * @param current - a fitted model, or models of one name that take each other's place
 * @param candidate - a fitted model
 * @throws TypeError or RangeError when an option is wrong
 *
 * @example
 * ```ts
 * import { shadow } from '@messwerk/core'
 * import { type AsyncDetectorSpec, blockOf, column } from '@messwerk/core/model'
 * import { lastValueFrom, of } from 'rxjs'
 *
 * const distanceFrom = (center: number, version: number): AsyncDetectorSpec => ({
 *   kind: 'distance', async: true, model: { name: 'pump', version, hash: `sha256:${version}` },
 *   create: () => ({ lookBack: 0, score: async ({ values }) => values.map((value) => Math.abs(value - center)) }),
 * })
 * const block = blockOf({ stream: 'pump-1', channels: { pressure: 'bar' }, rate: 10 }, { pressure: [3, 9] })
 * const both = shadow(distanceFrom(3, 1), distanceFrom(4, 2), { threshold: { raise: 5 } })
 * const out = await lastValueFrom(of(block).pipe(both))
 * column(out, 'score') // => Float64Array.of(0, 6)
 * column(out, 'candidate') // => Float64Array.of(1, 5)
 * ```
 */
export function shadow<
  // biome-ignore lint/suspicious/noExplicitAny: `any` as default keeps code that does not name channels plain
  const K extends string = any,
  const As extends string = 'score',
  const C extends string = 'candidate'
>(
  current: AnyModel<K> | Observable<AnyModel<K>> | AsyncIterable<AnyModel<K>>,
  candidate: AnyModel<K>,
  options: ShadowOptions & { readonly as?: As | undefined; readonly candidateAs?: C | undefined } = {}
): Operator<K, DetectAdds<K, As> | C | `${C}.${'limit' | 'flag' | 'version'}`> {
  const { as = 'score' as As, candidateAs = 'candidate' as C, every = '1h', report, onGap = 'hold', maxGap } = options
  const { threshold, candidateThreshold = threshold } = options
  if (!areModels(current)) refOf(current, 'current')
  const parts = {
    as,
    candidateAs,
    model: refOf(candidate, 'candidate'),
    everyMs: durationMs(every, 'shadow: every'),
    report
  }
  if (!(parts.everyMs > 0)) throw new RangeError(`shadow: every must be longer than no time, got '${every}'`)
  const first = modelsOptions(current, options)
  const second = modelsOptions(candidate, { as: candidateAs, threshold: candidateThreshold, explain: 'never' })
  const names = (of: string): string[] => [of, `${of}.limit`, `${of}.flag`, `${of}.version`]
  const shared = sharedOperator<string, string>(
    {
      id: 'shadow',
      adds: names(as).concat(names(candidateAs)),
      onGap,
      maxGap,
      settings: { as, candidateAs, every, name: parts.model.name }
    },
    (host) => shadowRun(host, (one) => Object.assign({ current: one(first), candidate: one(second) }, parts))
  )
  return shared as unknown as Operator<K, DetectAdds<K, As> | C | `${C}.${'limit' | 'flag' | 'version'}`>
}

type Given = ReturnType<typeof modelsOptions>

function shadowRun(host: OperatorHost, make: (one: (given: Given) => DetectModels) => ShadowParts): OperatorRun {
  const parts = make((given) => new DetectModels(given, host))
  const { current, candidate } = parts
  return {
    kernel: (stream) => new ShadowKernel(parts, stream),
    open: () => current.open(),
    turn: () => current.turn(),
    close: async () => {
      await Promise.all([current.close(), candidate.close()])
    }
  }
}

function refOf(model: AnyModel, which: string): ModelRef {
  if (isModel(model) && model.model !== undefined) return model.model
  throw new TypeError(`shadow: ${which} must be a fitted detector with a model, which has a name, version and hash`)
}
