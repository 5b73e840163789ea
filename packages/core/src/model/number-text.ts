const MOST_DIGITS = 15

/**
 * A number for people: `digits` significant ones, never fewer than stand before the point; powers of ten for the very
 * large and small.
 *
 * @internal
 */
export function numberText(value: number, digits = 3): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || size === 0) return String(value)
  const rounded = Number(value.toPrecision(digits))
  if (size >= 1e9 || size < 1e-4) return rounded.toExponential().replace('e+', 'e')
  return size >= 10 ** digits ? String(Math.round(value)) : String(rounded)
}

/** Texts of numbers that differ and stay in order where the numbers do; undefined and NaN are left out. @internal */
export function distinctTexts(values: readonly (number | undefined)[]): string[] {
  for (let digits = 3; ; digits += 1) {
    const texts = values.map((value) => (value === undefined ? '' : numberText(value, digits)))
    if (digits === MOST_DIGITS || keepsOrder(values, texts)) return texts
  }
}

function keepsOrder(values: readonly (number | undefined)[], texts: readonly string[]): boolean {
  return values.every((a, i) =>
    values.every((b, j) => !(a !== undefined && b !== undefined && a < b) || Number(texts[i]) < Number(texts[j]))
  )
}
