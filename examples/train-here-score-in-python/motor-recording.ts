// A real recording: three-phase currents of a motor, first healthy runs, then runs with shorted turns in one phase.
import { type Block, column, pipeline, rms, timeOf } from '@messwerk/core'
import type { Samples } from '@messwerk/core/model'
import { samples } from '@messwerk/detectors'
import { replay } from '@messwerk/storage/files'

const REPETITIONS = ['001', '003', '005']
/** In the order of the replay; the first are healthy. */
export const RUNS: readonly string[] = [
  ...REPETITIONS.map((repetition) => `SC_HLT_${repetition}`),
  ...[1, 2, 3, 4].flatMap((level) =>
    [`A${level}_B0_C0`, `A0_B${level}_C0`, `A0_B0_C${level}`].flatMap((fault) =>
      REPETITIONS.map((repetition) => `SC_${fault}_${repetition}`)
    )
  )
]
export const HEALTHY = REPETITIONS.length
/** A run lasts a second, as does the pause behind it. */
const RUN_MS = 2000

/** What is scored: the RMS of each phase over 50 ms, every 5 ms. */
export const phases = ['Ia.rms', 'Ib.rms', 'Ic.rms'].map((name) => ({ name, unit: 'A' }))

export interface Recording {
  readonly all: Samples
  /** The run of each scan, as its place in `RUNS`. */
  readonly runs: readonly number[]
}

export async function motorRecording(): Promise<Recording> {
  const columns = phases.map((): number[] => [])
  const runs: number[] = []
  const write = async (blocks: readonly Block[]): Promise<void> => {
    for (const block of blocks) {
      // Rounded to float32, which is what ONNX models take: both sides score the same numbers.
      for (const [c, { name }] of phases.entries()) columns[c]!.push(...column(block, name).map(Math.fround))
      // A window is stamped with its end, so the last one of a run with the run's end.
      for (let i = 0; i < block.length; i += 1) runs.push(Math.floor((timeOf(block, i) - 1) / RUN_MS))
    }
  }
  const motor = replay('../data/itsc/currents.csv.gz', {
    stream: 'motor',
    channels: { Ia: 'A', Ib: 'A', Ic: 'A' },
    rate: 1000,
    group: { column: 'run', as: 'gaps', order: RUNS, pause: '1s' }
  })
  const quiet = { info() {}, warn() {}, error: console.error } // its gaps are the pauses between runs
  await pipeline('motor')
    .from(motor)
    .pipe(rms({ window: '50ms', hop: '5ms' }))
    .to({ id: 'recording', write })
    .start({ log: quiet }).done
  return { all: samples(Object.fromEntries(phases.map(({ name }, c) => [name, columns[c]!]))), runs }
}

/** Some of the scans: `from` up to `to`, not included. */
export function part({ channels, length, values, seconds }: Samples, from: number, to: number): Samples {
  const rows = channels.map((_, c) => values.subarray(c * length + from, c * length + to))
  return { channels, length: to - from, values: Float64Array.from(rows.flatMap((row) => [...row])), seconds }
}

/** As CSV; numbers with all their digits. */
export function table({ all: { channels, length, values }, runs }: Recording): string {
  const rows = runs.map((run, i) => [run, ...channels.map((_, c) => values[c * length + i])].join(','))
  return [['run', ...channels].join(','), ...rows, ''].join('\n')
}
