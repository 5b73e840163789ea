import { Matrix, QrDecomposition } from 'ml-matrix'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { PairShares } from './pair-shares.ts'
import type { PrincipalComponents } from './principal-components.ts'
import { QuadraticForm } from './quadratic-form.ts'

/** Which components count, and the factor of each. @internal */
export interface Weighing {
  readonly from: number
  readonly to: number
  readonly weight: (eigenvalue: number) => number
}

/** What scores and explains: a quadratic form, and the matrix that gives each channel its part of it. @internal */
export class PcaForm {
  readonly form: QuadraticForm
  /** Symmetric root of the form over the live channels, row by row: `root[u * live + v]`, columns scaled. */
  readonly #root: Float64Array
  readonly #away: Float64Array
  readonly #residual: Float64Array
  readonly #hasPairs: boolean
  /** Found when first asked for. */
  #pairs: PairShares | undefined

  /** @param hasPairs - whether shares are those of the two channels that explain most, see `PairShares` */
  constructor(form: QuadraticForm, root: Float64Array, hasPairs: boolean) {
    this.form = form
    this.#hasPairs = hasPairs
    this.#residual = new Float64Array(form.parts.order.length)
    this.#root = root
    this.#away = new Float64Array(form.parts.order.length)
  }

  static restored(reader: SnapshotReader, width: number, hasPairs: boolean): PcaForm {
    const [live, height] = [reader.whole('live'), reader.whole('height')]
    if (live > width || height > live) reader.refuse('its form does not fit its channels')
    const order = reader.floats('order', width)
    if (order.toSorted().some((u, i) => u !== i)) reader.refuse('its order must hold each channel once')
    const parts = {
      order,
      center: reader.floats('center', width),
      rows: reader.floats('form', height * live - (height * (height - 1)) / 2),
      height,
      live,
      flat: reader.floats('flat', width - live)
    }
    return new PcaForm(new QuadraticForm(parts), reader.floats('root', live * live), hasPairs)
  }

  /**
   * The share of each channel: the squares of the symmetric root times the distance, or their parts by pairs; they are never negative and
   * sum to the form; what is rounded is rounded to the score.
   */
  explain(row: Float64Array, score: number, shares: Float64Array): void {
    const { order, center, live, flat } = this.form.parts
    let largest = 0
    for (let i = 0; i < order.length; i += 1) {
      this.#away[i] = row[order[i]!]! - center[i]!
      largest = Math.max(largest, Math.abs(this.#away[i]!))
    }
    // Divided by the largest before squaring, so that nothing overflows.
    for (let i = 0; i < order.length; i += 1) this.#away[i] = largest > 0 ? this.#away[i]! / largest : 0
    const parts = this.#residual
    for (let i = 0; i < order.length; i += 1) parts[i] = i < live ? this.#rootOf(i) : flat[i - live]! * this.#away[i]!
    withoutOverflow(parts)
    this.#square(parts)
    let sum = 0
    for (let i = 0; i < order.length; i += 1) {
      shares[order[i]!] = parts[i]!
      sum += parts[i]!
    }
    for (let u = 0; u < shares.length; u += 1) shares[u] = sum > 0 ? score * (shares[u]! / sum) : score / shares.length
  }

  state(): Record<string, unknown> {
    const { order, center, rows, height, live, flat } = this.form.parts
    return {
      order: order.slice(),
      center: center.slice(),
      form: rows.slice(),
      height,
      live,
      flat: flat.slice(),
      root: this.#root.slice()
    }
  }

  #square(parts: Float64Array): void {
    const { height, live } = this.form.parts
    if (this.#hasPairs) this.#pairs ??= PairShares.of(this.#root, live, height)
    this.#pairs?.take(parts)
    for (let i = this.#pairs ? live : 0; i < parts.length; i += 1) parts[i] = parts[i]! * parts[i]!
  }

  #rootOf(i: number): number {
    const { live } = this.form.parts
    let y = 0
    for (let v = 0; v < live; v += 1) y += this.#root[i * live + v]! * this.#away[v]!
    return y
  }
}

/** Parts of channels that hardly varied may be so large that their squares overflow; only their proportions count. */
function withoutOverflow(parts: Float64Array): void {
  let most = 0
  for (let i = 0; i < parts.length; i += 1) most = Math.max(most, Math.abs(parts[i]!))
  if (most > 1e150) for (let i = 0; i < parts.length; i += 1) parts[i] = parts[i]! / most
}

/** The form of some components, each with its weight, and of the flat channels. @internal */
export function pcaForm(
  components: PrincipalComponents,
  mean: Float64Array,
  weighing: Weighing,
  hasPairs: boolean
): PcaForm {
  const { live, flat, scale } = components
  const order = Float64Array.from([...live, ...flat])
  const height = weighing.to - weighing.from
  const form = new QuadraticForm({
    order,
    center: Float64Array.from(order, (u) => mean[u]!),
    rows: trapezoid(components, weighing),
    height,
    live: live.length,
    flat: Float64Array.from(flat, (u) => 1 / scale[u]!)
  })
  return new PcaForm(form, symmetricRoot(components, weighing), hasPairs)
}

/** Upper trapezoid R with |R x| = |W x|, W the weighted components: half the multiplications. */
function trapezoid(
  { live, scale, eigenvalues, vector }: PrincipalComponents,
  { from, to, weight }: Weighing
): Float64Array {
  const [height, width] = [to - from, live.length]
  if (height === 0) return new Float64Array(0)
  // The decomposition wants at least as many rows as columns.
  const weighted = Matrix.zeros(width, width)
  for (let k = 0; k < height; k += 1)
    for (let u = 0; u < width; u += 1) weighted.set(k, u, weight(eigenvalues[from + k]!) * vector(from + k, u))
  const { upperTriangularMatrix: upper } = new QrDecomposition(weighted)
  const rows = new Float64Array(height * width - (height * (height - 1)) / 2)
  for (let k = 0, at = 0; k < height; k += 1)
    for (let u = k; u < width; u += 1, at += 1) rows[at] = upper.get(k, u) / scale[live[u]!]!
  return rows
}

function symmetricRoot(
  { live, scale, eigenvalues, vector }: PrincipalComponents,
  { from, to, weight }: Weighing
): Float64Array {
  const width = live.length
  const root = new Float64Array(width * width)
  for (let k = from; k < to; k += 1) {
    for (let u = 0; u < width; u += 1) {
      const weighted = weight(eigenvalues[k]!) * vector(k, u)
      for (let v = 0; v < width; v += 1) root[u * width + v] = root[u * width + v]! + weighted * vector(k, v)
    }
  }
  for (let u = 0; u < width; u += 1)
    for (let v = 0; v < width; v += 1) root[u * width + v] = root[u * width + v]! / scale[live[v]!]!
  return root
}
