type Rows = readonly (readonly number[])[]

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0)
const column = (rows: Rows, u: number): number[] => rows.map((row) => row[u]!)
const mean = (values: readonly number[]): number => sum(values) / values.length

/** (x - m)' S^-1 (x - m), by elimination in the covariance: no components. */
export function naiveMahalanobis(rows: Rows, row: readonly number[]): number {
  const away = row.map((x, u) => x - mean(column(rows, u)))
  const system = row.map((_, u) => [...row.map((_, v) => covariance(rows, u, v)), away[u]!])
  for (let k = 0; k < row.length; k += 1) {
    for (let i = 0; i < row.length; i += 1) {
      if (i === k) continue
      const factor = system[i]![k]! / system[k]![k]!
      system[i] = system[i]!.map((x, c) => x - factor * system[k]![c]!)
    }
  }
  return sum(away.map((x, u) => (x * system[u]!.at(-1)!) / system[u]![u]!))
}

/** Squared distance of the standardised scan from the line of the first component, found by powers of the correlation matrix. */
export function naiveSpeOfOne(rows: Rows, row: readonly number[]): number {
  const deviation = row.map((_, u) => Math.sqrt(covariance(rows, u, u)))
  const z = row.map((x, u) => (x - mean(column(rows, u))) / deviation[u]!)
  let first = row.map((_, u) => 1 + 0.1 * u)
  for (let k = 0; k < 5000; k += 1) {
    const next = first.map((_, u) =>
      sum(first.map((x, v) => (x * covariance(rows, u, v)) / deviation[u]! / deviation[v]!))
    )
    const length = Math.sqrt(sum(next.map((x) => x * x)))
    first = next.map((x) => x / length)
  }
  const along = sum(z.map((x, u) => x * first[u]!))
  return sum(z.map((x, u) => (x - along * first[u]!) * (x - along * first[u]!)))
}

function covariance(rows: Rows, u: number, v: number): number {
  const [a, b] = [column(rows, u), column(rows, v)]
  const [ma, mb] = [mean(a), mean(b)]
  return sum(a.map((x, i) => (x - ma) * (b[i]! - mb))) / (rows.length - 1)
}
