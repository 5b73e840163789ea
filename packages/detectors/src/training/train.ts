import type { Channel, DetectorSpec, Samples, Snapshot } from '@messwerk/core/model'
import type { AutoencoderOptions } from '../autoencoder/autoencoder.ts'
import { recipeOf } from '../detector/recipe.ts'
import { trainHere } from './train-here.ts'
import type { TrainProgress } from './train-progress.ts'
import type { TrainingTask } from './training-task.ts'

/**
 * Options of {@link train}.
 *
 * @example
 * ```ts
 * import type { TrainOptions } from '@messwerk/detectors/models'
 *
 * const options: TrainOptions = { thread: 'here', onProgress: ({ epoch, loss }) => console.log(epoch, loss) }
 * options.thread // => 'here'
 * ```
 */
export interface TrainOptions {
  /**
   * The channels of the samples, in their order, with units, roles and resolutions.
   *
   * @defaultValue the names of the samples, with unit 1
   */
  readonly channels?: readonly Channel[]
  /** Told once an epoch; what it throws ends the training. */
  readonly onProgress?: (progress: TrainProgress) => void
  /** Ends the training. */
  readonly signal?: AbortSignal
  /**
   * `'worker'`: in a thread of its own, which nothing else waits for; where there are none (a browser, a bundle without the file of the
   * thread) as `'here'`: in this one, which has a rest for everything else after some ten milliseconds.
   *
   * @defaultValue `'worker'`
   */
  readonly thread?: 'worker' | 'here'
}

/**
 * Trains a detector that takes long to fit, away from the scans that come in: an `autoencoder`.
 *
 * Returns a spec like the one given, whose detectors are ready at once, with the bits that `fit` on the same samples gives. Use it with
 * `detect(trained, { learn: 'never' })`, or save it as a bundle.
 *
 * @param samples - normal operation; copied into the thread
 * @returns the spec; its `create` wants the channels that were trained on, in the same order
 * @throws TypeError at once when the spec is not that of an autoencoder; rejects with the reason of the signal (an `AbortError`, unless
 * another was given) when it is ended, with RangeError when there are too few scans, and with what `onProgress` throws
 *
 * @example
 * ```ts
 * import { autoencoder, samples } from '@messwerk/detectors'
 * import { train } from '@messwerk/detectors/models'
 *
 * const a = Array.from({ length: 400 }, (_, i) => Math.sin(i))
 * const week = samples({ a, b: a.map((x) => x ** 2) })
 * const epochs: number[] = []
 * const spec = autoencoder({ hidden: [8, 1, 8], epochs: 5 })
 * const trained = await train(spec, week, { thread: 'here', onProgress: ({ epoch }) => epochs.push(epoch) })
 * epochs // => [1, 2, 3, 4, 5]
 * const detector = trained.create([{ name: 'a', unit: 'V' }, { name: 'b', unit: 'V' }])
 * detector.ready // => true
 * ```
 */
export function train<K extends string>(
  spec: DetectorSpec<K>,
  samples: Samples,
  options: TrainOptions = {}
): Promise<DetectorSpec<K>> {
  const { thread = 'worker', channels = samples.channels.map((name) => ({ name, unit: '1' })) } = options
  if (thread !== 'worker' && thread !== 'here')
    throw new RangeError(`train: thread must be 'worker' or 'here', got '${String(thread)}'`)
  const recipe = recipeOf(spec)
  if (recipe?.factory !== 'autoencoder')
    throw new TypeError(`train: spec must be that of an autoencoder, got '${spec.kind}'; it is fitted by fit`)
  const task: TrainingTask = { options: recipe.options as AutoencoderOptions, only: recipe.only, channels, samples }
  return trained(spec, task, thread, options)
}

async function trained<K extends string>(
  spec: DetectorSpec<K>,
  task: TrainingTask,
  thread: 'worker' | 'here',
  { onProgress = () => {}, signal }: TrainOptions
): Promise<DetectorSpec<K>> {
  signal?.throwIfAborted()
  // what is wrong with channels or samples is said before a thread is begun
  spec.create(task.channels).score(task.samples)
  const snapshot =
    thread === 'worker' && isNode()
      ? await inThreadOrHere(task, onProgress, signal)
      : await trainHere(task, onProgress, signal)
  if (snapshot) return ready(spec, task.channels, snapshot)
  throw new RangeError(`train: samples must hold scans enough for two windows, got ${task.samples.length}`)
}

function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: unknown } } }
  return typeof process?.versions?.node === 'string'
}

async function inThreadOrHere(
  task: TrainingTask,
  onProgress: (progress: TrainProgress) => void,
  signal: AbortSignal | undefined
): Promise<Snapshot | undefined> {
  const { NoThread, trainInThread } = await import('./training-thread.ts')
  try {
    return await trainInThread(task, onProgress, signal)
  } catch (error) {
    if (error instanceof NoThread) return trainHere(task, onProgress, signal)
    throw error
  }
}

/** One that begins trained; narrowed to a channel it would not be. */
function ready<K extends string>(
  { only: _, ...spec }: DetectorSpec<K>,
  channels: readonly Channel[],
  snapshot: Snapshot
): DetectorSpec<K> {
  const names = channels.map(({ name }) => name).join(', ')
  return Object.assign(spec, {
    create(available: readonly Channel[]) {
      const given = available.map(({ name }) => name).join(', ')
      if (given !== names) throw new RangeError(`train: this spec was trained on the channels ${names}, got ${given}`)
      const detector = spec.restore(structuredClone(snapshot))
      // a stream is not what follows on the samples
      detector.gap?.()
      return detector
    }
  })
}
