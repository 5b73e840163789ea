import type { Span } from '@messwerk/core/model'

export const right: Span[] = ['250ms', '1.5s', '5min', { scans: 64 }]

// @expect-error-text Type '"1m"' is not assignable to type
export const ambiguous: Span = '1m'

// @expect-error-text Type '100' is not assignable to type
export const bare: Span = 100
