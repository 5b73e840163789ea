/** What a worker says of itself now and then. */
export interface WorkerReport {
  /** Partitions that it has. */
  readonly splits: number
  readonly scans: number
  /** Windows scored. */
  readonly features: number
  readonly events: number
  /** When it scored its last scan, ms since the Unix epoch. */
  readonly at: number
  /** Since it began. */
  readonly cpuMs: number
  readonly gcMs: number
}

/** One run of all records through some workers. */
export interface ScalingRound {
  readonly workers: number
  /** From the word to go to the last record. */
  readonly elapsedMs: number
  readonly recordsPerSecond: number
  /** Read more than once. */
  readonly repeated: number
  readonly perWorker: readonly WorkerShare[]
  /** CPU seconds; of the broker, of this program, of all others, and not used by anybody. Absent where there is no /proc. */
  readonly broker?: number | undefined
  readonly trial?: number | undefined
  readonly others?: number | undefined
  readonly idle?: number | undefined
}

export interface WorkerShare {
  readonly splits: number
  readonly records: number
  /** From the word to go to its own last record. */
  readonly busyMs: number
  readonly cpuSeconds: number
  /** Of these, of the thread that runs JavaScript; the others collect garbage and compile. */
  readonly mainSeconds: number
  /** How long that thread stood still for the garbage collector. */
  readonly gcSeconds: number
}

export interface ScalingResult {
  readonly records: number
  /** Medians of the rounds. */
  readonly one: number
  readonly two: number
  /** two / one */
  readonly factor: number
  /** Of each round with two workers, over the round with one before it. */
  readonly factors: readonly number[]
  /** CPU of all workers for a record, microseconds, medians. */
  readonly cpuOne: number
  readonly cpuTwo: number
  /**
   * The factor that these cores could give at most: all of their time spent on records, at what a record costs several workers and
   * the broker. Where it is low, the cores are short, not the workers held up.
   */
  readonly ceiling?: number | undefined
  readonly rounds: readonly ScalingRound[]
}

export function judgeScaling(records: number, rounds: readonly ScalingRound[], cores: number): ScalingResult {
  const [ones, twos] = [rounds.filter(({ workers }) => workers === 1), rounds.filter(({ workers }) => workers > 1)]
  const [one, two] = [median(ones.map(speedOf)), median(twos.map(speedOf))]
  const factors = twos.map((round, i) => speedOf(round) / speedOf(ones[i] as ScalingRound))
  const [cpuOne, cpuTwo, broker] = [median(ones.map(cpuOf)), median(twos.map(cpuOf)), median(twos.map(brokerOf))]
  const ceiling = Number.isNaN(broker) ? undefined : (cores * 1e6) / (cpuTwo + broker) / one
  return { records, one, two, factor: two / one, factors, cpuOne, cpuTwo, ceiling, rounds }
}

const speedOf = ({ recordsPerSecond }: ScalingRound): number => recordsPerSecond

const recordsOf = ({ perWorker }: ScalingRound): number => perWorker.reduce((sum, { records }) => sum + records, 0)

function cpuOf(round: ScalingRound): number {
  return (round.perWorker.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / recordsOf(round)) * 1e6
}

function brokerOf(round: ScalingRound): number {
  return ((round.broker ?? Number.NaN) / recordsOf(round)) * 1e6
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
