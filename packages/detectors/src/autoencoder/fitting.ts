import type { LearnedScans } from '../detector/learned-scans.ts'
import type { DenseNetwork } from '../network/dense-network.ts'
import { initialNetwork } from '../network/initial-network.ts'
import { Training, type TrainingRows } from '../network/training.ts'
import { Random } from '../statistics/random.ts'
import { Reconstruction } from './reconstruction.ts'
import { RowScaler } from './row-scaler.ts'
import { type SettledOptions, sizesOf, windowScans } from './settled-options.ts'

/** The rows learned are cut into this many stretches; what is held back is the end of each. */
const STRETCHES = 10

/**
 * What an epoch came to.
 *
 * @internal
 */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number
  /** How many there are at most. */
  readonly epochs: number
  /** Mean over the batches, each before its step. */
  readonly loss: number
  /** Mean over the scans held back, behind the last step. */
  readonly heldBack?: number
}

/** A fit that goes batch by batch, so that others can come between. @internal */
export class Fitting {
  readonly #options: SettledOptions
  readonly #result: Reconstruction | undefined
  readonly #training: Training | undefined
  readonly #random: Random
  readonly #order: Int32Array
  readonly #held: Int32Array
  #best: readonly Float64Array[]
  #least = Number.POSITIVE_INFINITY
  #since = 0
  #epoch = 0
  #at = 0
  #isDone: boolean

  constructor(options: SettledOptions, floors: Float64Array, { rows, seconds, length }: LearnedScans) {
    const width = floors.length
    const scans = windowScans(options.window, width, seconds)
    const count = length - scans + 1
    this.#options = options
    this.#random = new Random(options.seed)
    const isEnough = scans > 0 && length >= 2 && count >= scans
    const { order, held } = isEnough ? split(count, options.holdBack) : split(0, 0)
    this.#order = order
    this.#held = held
    this.#isDone = !isEnough
    this.#best = []
    if (!isEnough) return
    const sizes = sizesOf(options, scans * width)
    const network = initialNetwork(sizes, options.activation, options.output, this.#random)
    this.#result = new Reconstruction(RowScaler.learned(options.scaler, rows, floors), network)
    this.#best = copyOf(network)
    const { loss, batch, rate, weightDecay: decay } = options
    this.#training = new Training(network, scaledRows(this.#result.scaler, rows, width), { loss, batch, rate, decay })
    this.#random.shuffle(order)
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** What was learned, once it is done; undefined where there was too little to learn from. */
  get result(): Reconstruction | undefined {
    return this.#result
  }

  /** Weights that a step passes, each once a row. */
  get work(): number {
    const weights = this.#result?.network.layers.reduce((sum, layer) => sum + layer.weights.length, 0) ?? 0
    return weights * this.#options.batch
  }

  /** One batch; a report where an epoch ends with it. */
  step(): EpochReport | undefined {
    if (this.#isDone) return undefined
    this.#at = this.#training!.step(this.#order, this.#at)
    if (this.#at < this.#order.length) return undefined
    return this.#endEpoch()
  }

  #endEpoch(): EpochReport {
    const { epochs, patience } = this.#options
    const loss = this.#training!.takeLoss()
    const held = this.#held.length > 0 ? this.#training!.lossOf(this.#held) : Number.NaN
    const hasHeld = !Number.isNaN(held)
    this.#epoch += 1
    this.#judge(hasHeld ? held : loss)
    if (this.#epoch === epochs || this.#since === patience) this.#end()
    else {
      this.#at = 0
      this.#random.shuffle(this.#order)
    }
    const report = { epoch: this.#epoch, epochs, loss }
    return hasHeld ? Object.assign(report, { heldBack: held }) : report
  }

  #judge(loss: number): void {
    this.#since += 1
    if (!(loss < this.#least)) return
    this.#least = loss
    this.#since = 0
    this.#best = copyOf(this.#result!.network)
  }

  #end(): void {
    this.#isDone = true
    this.#result!.network.layers.forEach(({ weights, bias }, k) => {
      weights.set(this.#best[2 * k]!)
      bias.set(this.#best[2 * k + 1]!)
    })
  }
}

function copyOf({ layers }: DenseNetwork): readonly Float64Array[] {
  return layers.flatMap(({ weights, bias }) => [weights.slice(), bias.slice()])
}

/** Rows to train with, and those held back: the last part of each stretch of time. */
function split(count: number, holdBack: number): { order: Int32Array; held: Int32Array } {
  const order: number[] = []
  const held: number[] = []
  for (let r = 0; r < count; r += 1) {
    const place = ((r + 0.5) * STRETCHES) / count
    const isHeld = place - Math.floor(place) >= 1 - holdBack
    ;(isHeld ? held : order).push(r)
  }
  if (order.length === 0) return { order: Int32Array.from(held), held: new Int32Array(0) }
  return { order: Int32Array.from(order), held: Int32Array.from(held) }
}

/** A missing value goes in as 0, which is the mean of a standardised channel, and need not come out. */
function scaledRows(scaler: RowScaler, rows: Float64Array, width: number): TrainingRows {
  const targets = new Float64Array(rows.length)
  scaler.apply(rows, 0, targets, 0, rows.length)
  if (!targets.some(Number.isNaN)) return { inputs: targets, targets, stride: width }
  return { inputs: targets.map((z) => (Number.isNaN(z) ? 0 : z)), targets, stride: width }
}
