import type { Snapshot } from '@messwerk/core/model'
import type { TrainProgress } from './train-progress.ts'
import { TrainingSteps } from './training-steps.ts'
import type { TrainingTask } from './training-task.ts'

/** Weights passed between two rests: some ten milliseconds. */
const BREATH = 4_000_000

/** In this thread; timers, input and output have their turn between batches. @internal */
export async function trainHere(
  task: TrainingTask,
  onProgress: (progress: TrainProgress) => void,
  signal: AbortSignal | undefined
): Promise<Snapshot | undefined> {
  const steps = new TrainingSteps(task)
  let work = 0
  while (!steps.isDone) {
    const progress = steps.step()
    if (progress) {
      onProgress(progress)
      // which may have been told to end by what it was told
      signal?.throwIfAborted()
    }
    work += steps.work
    if (work < BREATH) continue
    work = 0
    await new Promise((resolve) => setTimeout(resolve))
    signal?.throwIfAborted()
  }
  return steps.snapshot()
}
