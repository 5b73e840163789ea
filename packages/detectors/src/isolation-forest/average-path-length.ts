const EULER_GAMMA = 0.5772156649015329

/** Mean number of edges to a leaf in a random tree of `rows` rows: c(n) of the paper. @internal */
export function averagePathLength(rows: number): number {
  if (rows <= 1) return 0
  if (rows === 2) return 1
  return 2 * (Math.log(rows - 1) + EULER_GAMMA) - (2 * (rows - 1)) / rows
}
