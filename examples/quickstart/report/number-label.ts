/** A number for people: four significant digits, powers of ten for the very large and small. */
export function numberLabel(value: number): string {
  const size = Math.abs(value)
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'none' : value < 0 ? '−∞' : '∞'
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) return minus(Number(value.toPrecision(4)).toExponential())
  return size >= 1000 ? countLabel(Math.round(value)) : minus(String(Number(value.toPrecision(4))))
}

/** A whole number with its thousands apart: `1 000`. */
export function countLabel(count: number): string {
  return minus(String(count).replace(/\B(?=(\d{3})+$)/g, ' '))
}

function minus(text: string): string {
  return text.replace('-', '−').replace('e+', 'e').replace('e-', 'e−')
}
