import type { Detector, Snapshot } from '@messwerk/core/model'
import { autoencoderSpec } from '../autoencoder/autoencoder-spec.ts'
import type { Fitting } from '../autoencoder/fitting.ts'
import type { TrainProgress } from './train-progress.ts'
import type { TrainingTask } from './training-task.ts'

/**
 * A fit in steps of one batch: the same as `fit` of a detector does at once.
 *
 * @internal
 */
export class TrainingSteps {
  /** Weights passed by a step. */
  readonly work: number
  readonly #detector: Detector
  #fitting: Fitting | undefined
  #end: (() => void) | undefined

  constructor({ options, only, channels, samples }: TrainingTask) {
    const spec = autoencoderSpec(options, (fitting, end) => {
      this.#fitting = fitting
      this.#end = end
    })
    this.#detector = (only === undefined ? spec : spec.only!(only)).create(channels)
    this.#detector.fit(samples)
    this.work = this.#fitting!.work
  }

  get isDone(): boolean {
    return this.#fitting!.isDone
  }

  /** One batch; its progress where an epoch ends with it. */
  step(): TrainProgress | undefined {
    return this.#fitting!.step()
  }

  /** Of the trained detector, once it is done; undefined where there was too little to learn from. */
  snapshot(): Snapshot | undefined {
    this.#end!()
    return this.#detector.ready ? this.#detector.snapshot() : undefined
  }
}
