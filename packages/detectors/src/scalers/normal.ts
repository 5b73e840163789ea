import { upperTail } from '../statistics/quantiles.ts'

// Coefficients of M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Appl. Statist. 37 (1988):
// numerator and denominator, highest power first, for the middle, the tails and the far tails.
const MIDDLE = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665
  ],
  [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1
  ]
] as const
const TAIL = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1
  ]
] as const
const FAR = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1
  ]
] as const

/** Value that a standard normal number is below with probability `p`, 0..1; relative error about 1e-16. NaN stays NaN. @internal */
export function normalInverse(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(MIDDLE, 0.180625 - q * q)
  const tail = q < 0 ? p : 1 - p
  if (!(tail > 0)) return tail === 0 ? q * Number.POSITIVE_INFINITY : Number.NaN
  const r = Math.sqrt(-Math.log(tail))
  const z = r <= 5 ? ratio(TAIL, r - 1.6) : ratio(FAR, r - 5)
  return q < 0 ? -z : z
}

/** Probability that a standard normal number is below `z`. NaN stays NaN. @internal */
export function normalBelow(z: number): number {
  if (Number.isNaN(z)) return z
  if (Math.abs(z) > 40) return z < 0 ? 0 : 1
  return z < 0 ? upperTail(-z) : 1 - upperTail(z)
}

function ratio([above, below]: readonly [readonly number[], readonly number[]], x: number): number {
  let [numerator, denominator] = [0, 0]
  for (let k = 0; k < 8; k += 1) {
    numerator = numerator * x + above[k]!
    denominator = denominator * x + below[k]!
  }
  return numerator / denominator
}
