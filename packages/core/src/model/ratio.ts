/** An exact positive or negative fraction times a power of pi, which stays a symbol until it is a number. @internal */
export interface Ratio {
  readonly over: bigint
  readonly under: bigint
  readonly pi: number
}

/** @internal */
export const ONE: Ratio = { over: 1n, under: 1n, pi: 0 }
/** @internal */
export const ZERO: Ratio = { over: 0n, under: 1n, pi: 0 }

/** Reads `12`, `0.01`, `5/9` or `pi`. @internal */
export function ratioOf(text: string): Ratio {
  if (text === 'pi') return { over: 1n, under: 1n, pi: 1 }
  const [over = '', under = '1'] = text.split('/')
  const [whole = '', decimals = ''] = over.split('.')
  return reduced(BigInt(whole + decimals), BigInt(under) * 10n ** BigInt(decimals.length), 0)
}

/** @internal */
export function times(a: Ratio, b: Ratio): Ratio {
  return reduced(a.over * b.over, a.under * b.under, a.pi + b.pi)
}

/** @internal */
export function power(a: Ratio, exponent: number): Ratio {
  const n = BigInt(Math.abs(exponent))
  const [over, under] = exponent < 0 ? [a.under, a.over] : [a.over, a.under]
  return { over: over ** n, under: under ** n, pi: a.pi * exponent }
}

/** The difference of two fractions without pi. @internal */
export function minus(a: Ratio, b: Ratio): Ratio {
  return reduced(a.over * b.under - b.over * a.under, a.under * b.under, 0)
}

/** @internal */
export function toNumber({ over, under, pi }: Ratio): number {
  let number = quotient(over, under)
  for (let i = 0; i < Math.abs(pi); i += 1) number = pi > 0 ? number * Math.PI : number / Math.PI
  return number
}

// The decimal text of the quotient to 40 digits is read by the engine, which rounds correctly where 53 bits do not hold.
function quotient(over: bigint, under: bigint): number {
  if (fits(over) && fits(under)) return Number(over) / Number(under)
  const shift = Math.max(0, 40 + String(under).length - String(over).length)
  return Number(`${(over * 10n ** BigInt(shift)) / under}e-${shift}`)
}

function fits(value: bigint): boolean {
  return BigInt.asIntN(53, value) === value
}

function reduced(over: bigint, under: bigint, pi: number): Ratio {
  let [a, b] = [over < 0n ? -over : over, under]
  while (b !== 0n) [a, b] = [b, a % b]
  return a === 0n ? { over, under, pi } : { over: over / a, under: under / a, pi }
}
