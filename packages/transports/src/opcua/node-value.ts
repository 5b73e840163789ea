/** A number as a value of a node: one of its built-in type, a pair of halves for 64 bits. @internal */
export type NodeValue = number | boolean | readonly [number, number]

const WHOLE: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['SByte', [-128, 127]],
  ['Byte', [0, 255]],
  ['Int16', [-32_768, 32_767]],
  ['UInt16', [0, 65_535]],
  ['Int32', [-2_147_483_648, 2_147_483_647]],
  ['UInt32', [0, 4_294_967_295]],
  ['Int64', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ['UInt64', [0, Number.MAX_SAFE_INTEGER]]
])

/** Whether a number can be a value of a built-in type. @internal */
export function isNumberType(type: string): boolean {
  return type === 'Boolean' || type === 'Float' || type === 'Double' || WHOLE.has(type)
}

/**
 * A number as a value of a built-in type; why not, where it does not fit.
 *
 * @param value - not NaN @param rounds - whether a fraction becomes the nearest whole number @internal
 */
export function nodeValueOf(value: number, type: string, rounds: boolean): NodeValue | string {
  if (type === 'Double') return value
  if (type === 'Float') {
    const fits = Number.isFinite(Math.fround(value)) || !Number.isFinite(value)
    return fits ? value : `${value} is beyond what a Float holds (3.4e38)`
  }
  const whole = rounds ? Math.round(value) : value
  if (type === 'Boolean') return whole === 0 || whole === 1 ? whole === 1 : `${value} is no Boolean (0 or 1)`
  const [least, most] = WHOLE.get(type) as readonly [number, number]
  if (whole < least || whole > most) return `${value} does not fit ${type} (${least} to ${most})`
  if (!Number.isInteger(whole)) return `${value} is no whole number, as ${type} needs; round: true rounds it`
  if (type !== 'Int64' && type !== 'UInt64') return whole
  return [Math.floor(whole / 4_294_967_296) >>> 0, ((whole % 4_294_967_296) + 4_294_967_296) % 4_294_967_296]
}
