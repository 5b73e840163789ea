/** The numbers 0..length - 1 in an order that depends on the seed alone (mulberry32, Fisher-Yates). */
export function shuffled(length: number, seed: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i)
  let state = (seed * 0x9e3779b9 + 0x6d2b79f5) >>> 0
  for (let i = length - 1; i > 0; i -= 1) {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    const j = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}
