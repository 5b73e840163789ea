import type { LearnedScans } from '../detector/learned-scans.ts'
import type { SnapshotReader } from '../detector/snapshot-reader.ts'
import { Gradients } from '../network/gradients.ts'
import { Fitting } from './fitting.ts'
import { Reconstruction } from './reconstruction.ts'
import type { SettledOptions } from './settled-options.ts'

/** Scans that it first learns from where it learns one by one, doubled while these are too few for its window. */
const FIRST = 512
const MOST = 4096

/** Carries out a fit, at once or bit by bit, and then says so. @internal */
export type Run = (fitting: Fitting, end: () => void) => void

/** To the end, at once. @internal */
export const atOnce: Run = (fitting, end) => {
  while (!fitting.isDone) fitting.step()
  end()
}

/**
 * What an autoencoder has learned and how it learns more: with or without a window, it is the same.
 *
 * @internal
 */
export class AutoencoderMemory {
  readonly #options: SettledOptions
  readonly #floors: Float64Array
  readonly #run: Run
  #learned: Reconstruction | undefined
  #gradients: Gradients | undefined
  /** Scans not yet learned from: before a fit as they came, with their times, then up to a batch of what the network takes. */
  #waiting: Float64Array
  #seconds: Float64Array
  #count = 0

  constructor(options: SettledOptions, floors: Float64Array, run: Run) {
    this.#options = options
    this.#floors = floors
    this.#run = run
    this.#waiting = new Float64Array(FIRST * floors.length)
    this.#seconds = new Float64Array(FIRST)
  }

  /** Undefined until it is ready. */
  get learned(): Reconstruction | undefined {
    return this.#learned
  }

  /** @param end - called when it has learned, which may be later */
  fit(scans: LearnedScans, end?: () => void): void {
    this.#take(undefined)
    const fitting = new Fitting(this.#options, this.#floors, scans)
    this.#run(fitting, () => {
      this.#take(fitting.result)
      end?.()
    })
  }

  /** A scan before the first fit. */
  gather(row: Float64Array, seconds: number): void {
    this.#waiting.set(row, this.#count * row.length)
    this.#seconds[this.#count] = seconds
    this.#count += 1
    const length = this.#count
    if (length < this.#seconds.length) return
    const [rows, times] = [this.#waiting, this.#seconds]
    this.fit({ rows, seconds: times, length })
    if (this.#learned || length === MOST) return
    this.#room(2 * length)
    this.#waiting.set(rows)
    this.#seconds.set(times)
    this.#count = length
  }

  /** What the network takes, behind the first fit: each batch of it makes one step downhill. */
  follow(rows: Float64Array, from: number): void {
    const { network } = this.#learned!
    const { batch } = this.#options
    for (let k = 0; k < network.inputs; k += 1) this.#waiting[this.#count * network.inputs + k] = rows[from + k]!
    this.#count += 1
    if (this.#count < batch) return
    this.#step()
    this.#count = 0
  }

  state(): Record<string, unknown> {
    const { learned } = this
    const width = learned ? learned.network.inputs : this.#floors.length
    const waiting = {
      waiting: this.#waiting.slice(0, this.#count * width),
      seconds: this.#seconds.slice(0, learned ? 0 : this.#count),
      scans: learned?.scans ?? 0
    }
    return learned ? Object.assign(learned.state(), waiting) : waiting
  }

  restore(reader: SnapshotReader): void {
    const scans = reader.whole('scans')
    const width = this.#floors.length
    const { window } = this.#options
    const wanted = window && 'ms' in window ? scans : (window?.scans ?? 1)
    if (scans > 0 && scans !== wanted) reader.refuse(`its window must be of ${wanted} scans, got ${scans}`)
    if (scans > 0) this.#take(Reconstruction.restored(reader, width, scans * width, this.#options))
    const size = scans > 0 ? scans * width : width
    const waiting = reader.floats('waiting')
    const count = waiting.length / size
    if (scans === 0) for (let room = 2 * FIRST; room <= MOST && 2 * count >= room; room *= 2) this.#room(room)
    if (!Number.isInteger(count) || waiting.length >= this.#waiting.length)
      reader.refuse(`its waiting must be rows of ${size} values, fewer than ${this.#waiting.length / size}`)
    this.#waiting.set(waiting)
    this.#count = count
    if (scans === 0) this.#seconds.set(reader.floats('seconds', count))
  }

  #take(learned: Reconstruction | undefined): void {
    this.#learned = learned
    this.#count = 0
    if (learned === undefined) return this.#room(FIRST)
    this.#gradients = new Gradients(learned.network, this.#options.loss)
    this.#waiting = new Float64Array(this.#options.batch * learned.network.inputs)
  }

  #room(scans: number): void {
    this.#waiting = new Float64Array(scans * this.#floors.length)
    this.#seconds = new Float64Array(scans)
  }

  /** Plain gradient descent: it has no state of its own, and a batch that is like the others changes next to nothing. */
  #step(): void {
    const gradients = this.#gradients!
    const { network, scaler } = this.#learned!
    const { inputs, layers } = network
    const values = this.#count * inputs
    scaler.apply(this.#waiting, 0, this.#waiting, 0, values)
    gradients.clear()
    for (let from = 0; from < values; from += inputs) gradients.add(this.#waiting, from, this.#waiting, from)
    const step = this.#options.rate / gradients.targets
    for (let k = 0; k < layers.length; k += 1) {
      descend(layers[k]!.weights, gradients.weights[k]!, step)
      descend(layers[k]!.bias, gradients.bias[k]!, step)
    }
  }
}

/** Slopes so steep that weights would not be numbers any more are not followed. */
function descend(values: Float64Array, slopes: Float64Array, step: number): void {
  for (let k = 0; k < values.length; k += 1) {
    const by = step * slopes[k]!
    values[k] = values[k]! - Math.max(-0.1, Math.min(by, 0.1))
  }
}
