// Runs in a thread of its own: trains what it is given, tells each epoch, hands over the trained detector.
import { TrainingSteps } from './training-steps.ts'
import type { FromTraining, TrainingTask } from './training-task.ts'

void import('node:worker_threads').then(({ parentPort, workerData }) => {
  train(workerData as TrainingTask, (message) => parentPort!.postMessage(message))
})

function train(task: TrainingTask, tell: (message: FromTraining) => void): void {
  tell({ kind: 'begun' })
  const steps = new TrainingSteps(task)
  while (!steps.isDone) {
    const progress = steps.step()
    if (progress) tell({ kind: 'progress', progress })
  }
  tell({ kind: 'trained', snapshot: steps.snapshot() })
}
