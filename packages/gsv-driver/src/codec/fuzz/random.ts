/** Random numbers that are the same for the same seed: xorshift32. For tests. @internal */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x2545f491) | 1
  }

  /** 32 bits. */
  next(): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x
    return x >>> 0
  }

  /** A whole number from 0 to `below - 1`. */
  below(below: number): number {
    return Math.floor((this.next() / 0x1_0000_0000) * below)
  }

  /** Whether something happens that happens so often. */
  chance(often: number): boolean {
    return this.next() < often * 0x1_0000_0000
  }

  /** Random bytes; four from each number. */
  fill(bytes: Uint8Array): Uint8Array {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    for (let i = 0; i < words.length; i += 1) words[i] = this.next()
    for (let i = words.length * 4; i < bytes.length; i += 1) bytes[i] = this.next()
    return bytes
  }
}
