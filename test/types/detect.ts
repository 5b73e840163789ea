// biome-ignore-all lint/suspicious/noThenProperty: `then` is an option of detect, never a function
import { detect, type EventOperator, type Operator, threshold, toEvents } from '@messwerk/core'
import type { Block, DetectorSpec } from '@messwerk/core/model'
import type { Observable } from 'rxjs'

declare const pump: Observable<Block<'pressure' | 'current'>>
declare const features: Observable<Block<'pressure.rms'>>
declare const named: DetectorSpec<'pressure'>
declare const misspelt: DetectorSpec<'presure'>
declare const any: DetectorSpec

export const scored: Observable<Block<'pressure' | 'current' | 'score' | 'score.flag' | 'score.by.pressure'>> =
  pump.pipe(detect(named, { threshold: { raise: 6, clear: 4 } }))
export const renamed: Observable<Block<'z' | 'z.flag' | 'z.limit' | 'z.lower.pressure' | 'z.upper.pressure'>> =
  pump.pipe(detect(named, { as: 'z', learn: '30s', then: 'adapt', maxGap: '1h' }))
export const plain: Operator = detect(any)
export const events = pump.pipe(detect(named, { threshold: { raise: 6 } }), toEvents())
export const eventsOfZ = pump.pipe(
  detect(any, { as: 'z', threshold: { raise: 6 } }),
  toEvents({ of: 'z', model: 'pumps@7' })
)
export const limited = pump.pipe(
  threshold({ of: 'pressure', raise: 6, clear: 5, delay: '2s' }),
  toEvents({ of: 'pressure' })
)
export const needed: EventOperator<'score'> = toEvents()
export const names: Operator<'pressure', 'pressure.limit' | 'pressure.flag'> = threshold({ of: 'pressure', raise: 6 })
export const onScore = pump.pipe(detect(any), threshold({ of: 'score', raise: 6 }))

// @expect-error-text presure
export const unknown = pump.pipe(detect(misspelt))

// @expect-error-text Did you mean
export const unknownOf = pump.pipe(threshold({ of: 'presure', raise: 6 }))

// @expect-error-text pressure
export const replaced = features.pipe(threshold({ of: 'pressure', raise: 6 }))

// @expect-error-text score
export const unscored = pump.pipe(toEvents())

// @expect-error-text Type '"1m"' is not assignable to type
export const ambiguous = detect(any, { learn: '1m' })

// @expect-error-text is not assignable to type
export const scans = threshold({ of: 'pressure', raise: 6, delay: { scans: 3 } })

// @expect-error-text Property 'raise' is missing
export const noLimit = threshold({ of: 'pressure' })
