const YEAR = 366 * 86_400_000

/** A time without a date, counted from its recording's start, as file replays with a rate have. */
export function isElapsed(ms: number): boolean {
  return Math.abs(ms) < YEAR
}

/** `14:02:31` in UTC, with as many decimals of the second as `precision` (ms) asks for; `12.5 s` for an elapsed time. */
export function timeLabel(ms: number, precision = 1): string {
  if (!Number.isFinite(ms)) return 'unknown'
  const decimals = precision >= 1000 ? 0 : Math.max(0, Math.ceil(3 - Math.log10(Math.max(1, precision)) - 1e-9))
  if (isElapsed(ms)) return `${(ms / 1000).toFixed(decimals).replace('-', '−')} s`
  const text = new Date(ms).toISOString().slice(11)
  if (precision >= 60_000) return text.slice(0, 5)
  return decimals === 0 ? text.slice(0, 8) : text.slice(0, 9 + decimals)
}

/** `2026-01-31`; nothing for an elapsed time. */
export function dateLabel(ms: number): string {
  return isElapsed(ms) || !Number.isFinite(ms) ? '' : new Date(ms).toISOString().slice(0, 10)
}

/** How long: `350 ms`, `2.5 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationLabel(ms: number): string {
  if (ms < 1000) return `${Number(ms.toPrecision(3))} ms`
  if (ms < 60_000) return `${Number((ms / 1000).toPrecision(3))} s`
  const seconds = Math.round(ms / 1000)
  const [large, small, factor] = seconds < 3600 ? (['min', 's', 60] as const) : (['h', 'min', 60] as const)
  const whole = seconds < 3600 ? seconds : Math.round(seconds / 60)
  const rest = whole % factor
  return `${Math.floor(whole / factor)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}
