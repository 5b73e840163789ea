import type { ObservableInput } from 'rxjs'
import type { AsyncDetectorSpec } from '../model/async-detector.ts'
import { durationMs } from '../model/span.ts'
import { sharedOperator } from '../rx/async-operator.ts'
import type { Operator } from '../rx/operator.ts'
import type { DetectModelOptions, DetectModelsOptions } from './detect.ts'
import { DetectModels, type ModelsOptions } from './detect-models.ts'
import { checkModelOptions, laterPlanOf, swappedPlanOf } from './detect-options.ts'
import type { AnySpec } from './detect-plan.ts'

type Named = { readonly as?: string | undefined }

/** `detect` of one detector that answers later. @internal */
export function detectLater(spec: AsyncDetectorSpec, options: DetectModelOptions & Named): Operator {
  const { learn, onGap = 'hold', maxGap } = options
  const plan = laterPlanOf(spec, options)
  const { channels = [], kind, model } = spec
  const adds = [plan.as]
  if (plan.threshold !== undefined) adds.push(`${plan.as}.limit`, `${plan.as}.flag`)
  if (plan.explain !== 'never') adds.push(...channels.map((channel) => `${plan.as}.by.${channel}`))
  if (model !== undefined) adds.push(`${plan.as}.version`)
  const settings = { later: kind, channels: spec.channels, as: plan.as, learn, model: model?.name }
  const given: ModelsOptions = { models: spec, as: plan.as, planOf: () => plan, restoreWithinMs: 0 }
  return sharedOperator<string, string>(
    { id: 'detect', needs: channels, adds, onGap, maxGap, settings },
    (host) => new DetectModels(given, host)
  )
}

/** `detect` of models that take each other's place. @internal */
export function detectModels(models: ObservableInput<AnySpec>, options: DetectModelsOptions & Named): Operator {
  const { as = 'score', learn, onGap = 'hold', maxGap } = options
  const given = modelsOptions(models, options)
  return sharedOperator<string, string>(
    {
      id: 'detect',
      adds: [as, `${as}.limit`, `${as}.flag`, `${as}.version`],
      onGap,
      maxGap,
      settings: { models: true, as, learn }
    },
    (host) => new DetectModels(given, host)
  )
}

/** @throws TypeError or RangeError when an option is wrong @internal */
export function modelsOptions(
  models: AnySpec | ObservableInput<AnySpec>,
  options: DetectModelsOptions & Named
): ModelsOptions {
  const { as = 'score', resolve, restoreWithin = '30s' } = options
  checkModelOptions(options)
  if (resolve !== undefined && typeof resolve !== 'function') {
    throw new TypeError(
      `detect: resolve must be a function of a model's name, version and hash, got ${String(resolve)}`
    )
  }
  const restoreWithinMs = durationMs(restoreWithin, 'detect: restoreWithin')
  return { models, as, planOf: (model) => swappedPlanOf(model, options), resolve, restoreWithinMs }
}
