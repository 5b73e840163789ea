import type { LearnedScans } from '../detector/learned-scans.ts'
import type { ScanModel } from '../detector/scan-model.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { RunningCovariance } from '../statistics/running-covariance.ts'
import { PcaForm, pcaForm, type Weighing } from './pca-form.ts'
import { principalComponents } from './principal-components.ts'

/** Fewer scans have no variance to tell channels apart by. */
const READY = 3

/** Which components count, given the eigenvalues of the live channels. @internal */
export type Weigh = (eigenvalues: Float64Array, scans: number) => Weighing

/**
 * Scores a scan by principal components of everything learned: the part that `t2` and `spe` share.
 *
 * The covariance is up to date with each scan. The components are found again when the scans have grown by a 32nd since (at each one
 * up to 64 scans), and after `fit`: so the work for a scan does not depend on how many there have been.
 *
 * @internal
 */
export class PcaModel implements ScanModel {
  readonly #covariance: RunningCovariance
  readonly #floors: Float64Array
  readonly #weigh: Weigh
  readonly #hasPairs: boolean
  #form: PcaForm | undefined
  #eigenvalues: Float64Array = new Float64Array(0)
  /** Scans that the components speak of, and which of them count. */
  #scans = 0
  #from = 0
  #to = 0

  /** @param hasPairs - see `PcaForm` */
  constructor(floors: Float64Array, weigh: Weigh, hasPairs: boolean, from?: SnapshotReader) {
    this.#floors = floors
    this.#hasPairs = hasPairs
    this.#weigh = weigh
    this.#covariance = from ? RunningCovariance.restored(from, floors.length) : new RunningCovariance(floors.length)
    if (from) this.#restore(from)
  }

  get ready(): boolean {
    return this.#form !== undefined
  }

  fit({ length, rows }: LearnedScans): void {
    const width = this.#floors.length
    this.#covariance.clear()
    this.#forget()
    for (let i = 0; i < length; i += 1) this.#covariance.add(rows.subarray(i * width, (i + 1) * width))
    this.#decompose()
  }

  learn(row: Float64Array): void {
    this.#covariance.add(row)
    const grown = this.#covariance.count - this.#scans
    if (grown >= Math.max(1, this.#scans >> 5)) this.#decompose()
  }

  score(row: Float64Array): number {
    return this.#form!.form.of(row)
  }

  scoreAll(values: Float64Array, length: number, used: Int32Array, out: Float64Array): void {
    this.#form!.form.ofAll(values, length, used, out)
  }

  explain(row: Float64Array, score: number, shares: Float64Array): void {
    this.#form!.explain(row, score, shares)
  }

  state(): Record<string, unknown> {
    return Object.assign(this.#covariance.state(), this.#form?.state(), {
      scans: this.#scans,
      from: this.#from,
      to: this.#to,
      eigenvalues: this.#eigenvalues.slice()
    })
  }

  #forget(): void {
    this.#form = undefined
    this.#eigenvalues = new Float64Array(0)
    this.#scans = 0
    this.#from = 0
    this.#to = 0
  }

  #decompose(): void {
    const covariance = this.#covariance
    if (covariance.count < READY) return
    const components = principalComponents(covariance, this.#floors)
    const weighing = this.#weigh(components.eigenvalues, covariance.count)
    this.#form = pcaForm(components, covariance.mean, weighing, this.#hasPairs)
    this.#eigenvalues = components.eigenvalues
    this.#scans = covariance.count
    this.#from = weighing.from
    this.#to = weighing.to
  }

  #restore(from: SnapshotReader): void {
    this.#scans = from.whole('scans')
    this.#from = from.whole('from')
    this.#to = from.whole('to')
    this.#eigenvalues = from.floats('eigenvalues')
    if (this.#scans >= READY) this.#form = PcaForm.restored(from, this.#floors.length, this.#hasPairs)
  }
}
