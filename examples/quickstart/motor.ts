// The recording: three-phase currents of a motor, 1 000 scans a run, healthy or with shorted turns in one phase.
import { type Block, column, timeOf } from '@messwerk/core'

const PHASES = ['A', 'B', 'C'] as const
const REPETITIONS = ['001', '003', '005']
/** Pause between two runs in the replayed stream. */
export const PAUSE = '500ms'
/** A second of data, and the pause. */
const RUN_MS = 1500

/** Runs in the order of the replay: two to learn from, one healthy to be judged, the faulty ones by level. */
export const RUNS: readonly string[] = [
  'SC_HLT_001',
  'SC_HLT_003',
  'SC_HLT_005',
  ...[1, 2, 3, 4].flatMap((level) => PHASES.flatMap((phase) => REPETITIONS.map((rep) => faultyRun(phase, level, rep))))
]
const LEARNED = 2
/** Tells which angle belongs to phase A; left out of the count of phases named. */
const REFERENCE = faultyRun('A', 4, '001')

function faultyRun(phase: string, level: number, repetition: string): string {
  return `SC_${PHASES.map((name) => `${name}${name === phase ? level : 0}`).join('_')}_${repetition}`
}

/** What the windows of one run say. */
interface RunResult {
  readonly run: string
  readonly windows: number
  readonly flagged: number
  /** Angle of the mean of negative over positive sequence, deg. */
  readonly angle: number
}

/** What came out, in the words of the summary. */
export interface MotorResult {
  readonly faultyRuns: number
  readonly detected: number
  readonly healthyWindows: number
  readonly healthyFlagged: number
  readonly phasesNamed: number
  readonly phasesCounted: number
  readonly misnamed: readonly string[]
}

/** Judges stored feature blocks (one row a window of 50 ms) against the names of the runs. */
export async function judgeMotor(features: AsyncIterable<Block>): Promise<MotorResult> {
  const runs = await resultsByRun(features)
  const faulty = runs.filter(({ run }) => !run.includes('HLT'))
  const healthy = runs.find(({ run }) => run === RUNS[LEARNED]) as RunResult
  const rotation = (runs.find(({ run }) => run === REFERENCE) as RunResult).angle
  const counted = faulty.filter(({ run }) => run !== REFERENCE)
  const misnamed = counted.filter(({ run, angle }) => phaseOf(angle, rotation) !== truePhase(run))
  return {
    faultyRuns: faulty.length,
    detected: faulty.filter(({ flagged }) => flagged > 0).length,
    healthyWindows: healthy.windows,
    healthyFlagged: healthy.flagged,
    phasesNamed: counted.length - misnamed.length,
    phasesCounted: counted.length,
    misnamed: misnamed.map(({ run }) => run)
  }
}

/** Faults in A, B and C lie 120 degrees apart, turned by an angle that they share. */
function phaseOf(angle: number, rotation: number): string {
  const steps = Math.round((angle - rotation) / 120)
  return PHASES[((steps % 3) + 3) % 3] as string
}

function truePhase(run: string): string | undefined {
  return PHASES.find((phase) => !run.includes(`${phase}0`))
}

async function resultsByRun(features: AsyncIterable<Block>): Promise<RunResult[]> {
  const sums = RUNS.map((run) => ({ run, windows: 0, flagged: 0, real: 0, imaginary: 0 }))
  for await (const block of features) {
    const flag = column(block, 'score.flag')
    const real = column(block, 'sequence.ratio.real')
    const imaginary = column(block, 'sequence.ratio.imaginary')
    for (let i = 0; i < block.length; i += 1) {
      // a window is stamped with its end, so the last one of a run is stamped with the run's end
      const sum = sums[Math.floor((timeOf(block, i) - 1) / RUN_MS)]
      if (!sum) continue
      sum.windows += 1
      sum.flagged += flag[i] === 2 ? 1 : 0
      sum.real += real[i] as number
      sum.imaginary += imaginary[i] as number
    }
  }
  return sums.map(({ run, windows, flagged, real, imaginary }) => {
    return { run, windows, flagged, angle: (Math.atan2(imaginary, real) * 180) / Math.PI }
  })
}
