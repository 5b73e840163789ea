import type { Scheduler } from '../time/scheduler.ts'
import type { Intake } from './intake.ts'
import type { Log } from './log.ts'
import type { OperatorStep } from './steps.ts'

const PERIOD_MS = 1000
const STREAMS_SHOWN = 5

/** Logs once a second what operators say of themselves (`learning 12 of 30 s`), where it changed. @internal */
export function logProgress(
  scheduler: Scheduler,
  log: Log,
  intakes: readonly Intake[],
  operators: readonly OperatorStep[]
): () => void {
  const said = new Map<string, string>()
  const look = (): void => {
    cancel = scheduler.after(PERIOD_MS, look)
    for (const intake of intakes) {
      let shown = 0
      for (const lane of intake.lanes.all()) {
        shown += 1
        if (shown > STREAMS_SHOWN) break
        for (const [i, step] of operators.entries()) {
          const progress = step.progress(lane)
          const key = `${lane.split}/${lane.stream.id}/${i}`
          if (progress === undefined || said.get(key) === progress) continue
          said.set(key, progress)
          log.info(`${lane.stream.id}: ${progress}`)
        }
      }
    }
  }
  let cancel = scheduler.after(PERIOD_MS, look)
  return () => cancel()
}
