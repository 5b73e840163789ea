import type { SnapshotReader } from '../detector/snapshot-reader.ts'

/** 2 to the 32nd. */
const WORDS = 0x100000000

/**
 * Checks the option `seed`.
 *
 * @internal
 */
export function seedOf(factory: string, seed: number): number {
  if (typeof seed !== 'number') throw new TypeError(`${factory}: seed must be a number, got ${String(seed)}`)
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw new RangeError(`${factory}: seed must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${seed}`)
}

/**
 * Random numbers that are the same for the same seed on every machine: xoshiro128** 1.1 (D. Blackman, S. Vigna, "Scrambled linear
 * pseudorandom number generators", ACM TOMS 47, 2021), its state filled by SplitMix64 from the seed. Not for secrets.
 *
 * @internal
 */
export class Random {
  readonly #words = new Int32Array(4)

  /** @param seed - whole number from 0 to 2^53 - 1 */
  constructor(seed: number) {
    let state = BigInt(seed)
    for (let k = 0; k < 4; k += 2) {
      state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
      const mixed = mix(state)
      this.#words[k] = Number(mixed & 0xffffffffn)
      this.#words[k + 1] = Number(mixed >> 32n)
    }
  }

  /** Goes on where a `state()` was taken. @throws RangeError when it is none */
  static from(state: ArrayLike<number>): Random {
    const random = new Random(0)
    random.restore(state)
    return random
  }

  /** From the field of a snapshot. */
  static restored(reader: SnapshotReader, field: string): Random {
    const state = reader.floats(field, 4)
    if (!isState(state)) reader.refuse(`its ${field} must be four words of a random generator`)
    return Random.from(state)
  }

  /** @throws RangeError when it is no state */
  restore(state: ArrayLike<number>): void {
    if (!isState(state)) throw new RangeError('random: state must be four words of 32 bits, not all 0')
    this.#words.set(state)
  }

  /** A copy: four words of 32 bits, as snapshots keep them. */
  state(): Float64Array {
    return Float64Array.from(this.#words, (word) => word >>> 0)
  }

  /** Whole number in 0..2^32 - 1. */
  word(): number {
    const words = this.#words
    const a = words[0]!
    const b = words[1]!
    const c = words[2]! ^ a
    const d = words[3]! ^ b
    const scrambled = Math.imul(b, 5)
    words[0] = a ^ d
    words[1] = b ^ c
    words[2] = c ^ (b << 9)
    words[3] = (d << 11) | (d >>> 21)
    return Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
  }

  /** In [0, 1), all 53 bits random. */
  uniform(): number {
    const high = this.word() >>> 5
    return (high * 0x4000000 + (this.word() >>> 6)) / 0x20000000000000
  }

  /** In (0, 1]: what a logarithm can take. */
  positive(): number {
    return 1 - this.uniform()
  }

  /** Whole number in 0..n - 1, each equally likely. @param n - whole number from 1 to 2^32 */
  below(n: number): number {
    if (n === 1) return 0
    // As many upper bits as n - 1 has; what is n or more is thrown back.
    const spare = Math.clz32(n - 1)
    let word = this.word() >>> spare
    while (word >= n) word = this.word() >>> spare
    return word
  }

  /** Mean 0, standard deviation 1 (G. Marsaglia's polar method; the second of each pair is thrown away, so that there is no more state). */
  normal(): number {
    for (;;) {
      const x = 2 * this.uniform() - 1
      const y = 2 * this.uniform() - 1
      const square = x * x + y * y
      if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square)
    }
  }

  /** Puts the first `count` entries in a random order, all of them without one; with fewer than all it is a sample without repeats. */
  shuffle(list: Int32Array, count: number = list.length): void {
    for (let i = 0; i < count; i += 1) {
      const k = i + this.below(list.length - i)
      const one = list[i]!
      list[i] = list[k]!
      list[k] = one
    }
  }
}

function mix(state: bigint): bigint {
  const once = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n)
  const twice = BigInt.asUintN(64, (once ^ (once >> 27n)) * 0x94d049bb133111ebn)
  return twice ^ (twice >> 31n)
}

function isState(state: ArrayLike<number>): boolean {
  if (state.length !== 4) return false
  let any = 0
  for (let k = 0; k < 4; k += 1) {
    const word = state[k]!
    if (!(Number.isInteger(word) && word >= 0 && word < WORDS)) return false
    any |= word
  }
  return any !== 0
}
