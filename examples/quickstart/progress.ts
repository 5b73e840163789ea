// A line a second while something runs.
import { type Duration, durationMs, type Run, timeOf } from '@messwerk/core'

export const wait = (duration: Duration): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs(duration, 'wait')))

/** Prints rate and lag of a run once a second, until `end`. */
export function showProgress(run: Run): { end(): void } {
  const started = performance.now()
  let lag = 0
  let before = 0
  const looking = run.tap$.subscribe((block) => {
    lag = Date.now() - timeOf(block, block.length - 1)
  })
  const timer = setInterval(() => {
    const { scans, missingScans, unsettledBytes } = run.metrics
    const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(3)
    const missing = missingScans > 0 ? `, ${missingScans} declared missing` : ''
    const held = (unsettledBytes / 1024).toFixed(0)
    console.log(`${seconds} s  ${scans - before} scans/s, lag ${lag.toFixed(0)} ms, ${held} KiB on the way${missing}`)
    before = scans
  }, 1000)
  return {
    end() {
      clearInterval(timer)
      looking.unsubscribe()
    }
  }
}
