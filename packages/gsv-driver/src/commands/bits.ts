/**
 * Where the parts of a word lie: one bit, or the lowest and the highest bit of a number.
 *
 * @example
 * ```ts
 * import type { BitLayout } from '@messwerk/gsv-driver/commands'
 *
 * const layout: BitLayout = { transmission: [0, 1], highSpeed: 2 }
 * layout.highSpeed // => 2
 * ```
 */
export type BitLayout = Readonly<Record<string, number | readonly [low: number, high: number]>>

/**
 * The parts of a word by name: a boolean for a bit, a number for several.
 *
 * @example
 * ```ts
 * import type { BitValues } from '@messwerk/gsv-driver/commands'
 *
 * const values: BitValues<{ transmission: readonly [0, 1]; highSpeed: 2 }> = { transmission: 1, highSpeed: false }
 * values.transmission // => 1
 * ```
 */
export type BitValues<L extends BitLayout> = { -readonly [K in keyof L]: L[K] extends number ? boolean : number }

/**
 * The parts of a word.
 *
 * @param word - 0 to 2^32 - 1
 *
 * @example
 * ```ts
 * import { bitLayouts, readBits } from '@messwerk/gsv-driver/commands'
 *
 * readBits(bitLayouts.filterType, 0x94) // => { length: 4, kind: 1, fir: true }
 * ```
 */
export function readBits<const L extends BitLayout>(layout: L, word: number): BitValues<L> {
  const values: Record<string, boolean | number> = {}
  for (const [name, place] of Object.entries(layout)) {
    const [low, size] = placeOf(place)
    const part = Math.floor(word / 2 ** low) % size
    values[name] = typeof place === 'number' ? part === 1 : part
  }
  return values as BitValues<L>
}

/**
 * A word with some of its parts changed; all other bits stay, known or not.
 *
 * @param word - 0 to 2^32 - 1
 * @throws RangeError when there is no such part, or a number does not fit into its bits
 *
 * @example
 * ```ts
 * import { bitLayouts, writeBits } from '@messwerk/gsv-driver/commands'
 *
 * writeBits(bitLayouts.modeGsv8, 0x40000002, { multiAxis: true }) // => 0x40000003
 * ```
 */
export function writeBits<const L extends BitLayout>(layout: L, word: number, changes: Partial<BitValues<L>>): number {
  let result = word
  for (const [name, value] of Object.entries(changes)) {
    const place = layout[name]
    if (place === undefined)
      throw new RangeError(`writeBits: there is no part '${name}'; there are: ${Object.keys(layout).join(', ')}`)
    const [low, size] = placeOf(place)
    const part = Number(value)
    if (!(Number.isInteger(part) && part >= 0 && part < size)) {
      throw new RangeError(`writeBits: ${name} must be a whole number from 0 to ${size - 1}, got ${String(value)}`)
    }
    const old = Math.floor(result / 2 ** low) % size
    result += (part - old) * 2 ** low
  }
  return result
}

function placeOf(place: number | readonly [number, number]): [low: number, size: number] {
  const [low, high] = typeof place === 'number' ? [place, place] : place
  return [low, 2 ** (high - low + 1)]
}
