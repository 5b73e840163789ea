const float32 = new Float32Array(1)
const bits = new Int32Array(float32.buffer)

/** The largest float32 up to x: the same float32 values are above it as above x. @internal */
export function float32Below(x: number): number {
  float32[0] = x
  if (float32[0] <= x) return float32[0]
  if (float32[0] === 0) return -1.401298464324817e-45
  bits[0]! += float32[0] > 0 ? -1 : 1
  return float32[0]
}
