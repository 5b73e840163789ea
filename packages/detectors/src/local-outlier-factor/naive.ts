type Rows = readonly (readonly number[])[]
interface Neighbour {
  readonly at: number
  readonly distance: number
}

/** The definition on rows that are scaled already, everything compared with everything. */
export function naiveLocalOutlierFactor(learned: Rows, row: readonly number[], k: number): number {
  const neighbours = (of: readonly number[], but: number): Neighbour[] =>
    learned
      .map((other, at) => ({ at, distance: Math.hypot(...other.map((x, u) => x - of[u]!)) }))
      .filter(({ at }) => at !== but)
      .sort((a, b) => a.distance - b.distance || a.at - b.at)
      .slice(0, k)
  const reach = learned.map((one, at) => neighbours(one, at)[k - 1]!.distance)
  const density = (near: readonly Neighbour[]): number =>
    1 / (near.reduce((sum, { at, distance }) => sum + Math.max(reach[at]!, distance), 0) / k + 1e-10)
  const near = neighbours(row, -1)
  const around = near.reduce((sum, { at }) => sum + density(neighbours(learned[at]!, at)), 0) / k
  return around / density(near)
}
