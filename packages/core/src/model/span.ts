/**
 * A span of time with its unit, or a number of scans. A bare number is never a time.
 *
 * @example
 * ```ts
 * import type { Span } from '@messwerk/core/model'
 *
 * const spans: Span[] = ['250ms', '30s', '5min', '1h', '7d', { scans: 256 }]
 * spans.length // => 6
 * ```
 */
export type Span = Duration | { readonly scans: number }

/**
 * A span of time with its unit.
 *
 * @example
 * ```ts
 * import type { Duration } from '@messwerk/core/model'
 *
 * const settle: Duration = '5s'
 * settle // => '5s'
 * ```
 */
export type Duration = `${number}${'ms' | 's' | 'min' | 'h' | 'd'}`

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|min|h|d)$/

/**
 * Milliseconds of a span of time.
 *
 * @param option - named in the error, for example `rms: window`
 * @throws RangeError when it is not a span of time
 *
 * @example
 * ```ts
 * import { durationMs } from '@messwerk/core/model'
 *
 * durationMs('1.5s', 'settle') // => 1500
 * ```
 */
export function durationMs(duration: Duration, option: string): number {
  const match = typeof duration === 'string' ? DURATION.exec(duration) : null
  if (match) return Number(match[1]) * (MILLISECONDS[match[2] as string] as number)
  throw new RangeError(`${option} must be a span of time such as '250ms', '30s', '5min', '1h', got ${shown(duration)}`)
}

/**
 * Checks a span: `{ scans }` as a positive integer, or `{ ms }` as positive milliseconds.
 *
 * @throws RangeError when it is neither
 *
 * @example
 * ```ts
 * import { parseSpan } from '@messwerk/core/model'
 *
 * parseSpan('100ms', 'rms: window') // => { ms: 100 }
 * parseSpan({ scans: 64 }, 'rms: window') // => { scans: 64 }
 * ```
 */
export function parseSpan(span: Span, option: string): { readonly ms: number } | { readonly scans: number } {
  if (typeof span === 'object' && span !== null && Number.isInteger(span.scans) && span.scans > 0)
    return { scans: span.scans }
  const ms = typeof span === 'string' && DURATION.test(span) ? durationMs(span, option) : 0
  if (ms > 0) return { ms }
  throw new RangeError(`${option} must be a span such as '250ms', '5min' or { scans: 256 }, got ${shown(span)}`)
}

/**
 * A number of bytes with its unit.
 *
 * @example
 * ```ts
 * import type { Size } from '@messwerk/core/model'
 *
 * const credit: Size = '64MiB'
 * credit // => '64MiB'
 * ```
 */
export type Size = `${number}${'B' | 'KiB' | 'MiB' | 'GiB'}`

const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }

/**
 * Bytes of a size.
 *
 * @throws RangeError when it is not a size above 0
 *
 * @example
 * ```ts
 * import { sizeBytes } from '@messwerk/core/model'
 *
 * sizeBytes('64KiB', 'buffer') // => 65536
 * ```
 */
export function sizeBytes(size: Size, option: string): number {
  const match = typeof size === 'string' ? /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(size) : null
  const bytes = match ? Number(match[1]) * (BYTES[match[2] as string] as number) : 0
  if (bytes > 0) return bytes
  throw new RangeError(`${option} must be a size such as '512KiB' or '64MiB', got ${shown(size)}`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
}
