import { naiveForward } from '../network/naive.ts'
import type { Reconstruction } from './reconstruction.ts'

/** The score as the page says it: scaled scans one behind the other, through the network, root of the mean square of what is off. */
export function naiveScore({ scaler, network }: Reconstruction, scans: readonly (readonly number[])[]): number {
  const given = scans.flatMap((row) => row.map((x, u) => (x - scaler.shift[u]!) / scaler.scale[u]!))
  const errors = naiveForward(network.layers, given).map((back, k) => given[k]! - back)
  return Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)
}
