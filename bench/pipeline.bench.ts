// What a pipeline costs around its operators: turns, accounts, lanes, outlets. The operators are the same functions in
// every contender, so the difference is the runner alone.
import { type Operator, operator, pipeline } from '@messwerk/core'
import { type Batch, type Block, defineStream, type Sink, type Source, type Stream } from '@messwerk/core/model'
import { concatMap, from, lastValueFrom, map, range, reduce } from 'rxjs'
import { bench } from './harness.ts'

const CHANNELS = 8
const SCANS = 256
const BLOCKS = 1000
// a run of a pipeline is long: starting one is not what is measured
const PASSES = 10
// what a source hands over at once: 2 048 scans, as a reader of a file or of a fast amplifier does
const BLOCKS_A_BATCH = 8
const STREAMS = 10_000

const channels = Array.from({ length: CHANNELS }, (_, c) => ({ name: `c${c}`, unit: 'V' }))
const stream = defineStream({ id: 'machine', channels, rate: 1000 })
const blocks = Array.from({ length: BLOCKS }, (_, i) => block(stream, SCANS, i))
const machines = Array.from({ length: STREAMS }, (_, i) =>
  defineStream({ id: `machine-${i}`, channels: channels.slice(0, 1) })
)
// enough rounds that making 10 000 kernels is part of the figure, as in a long run, but not most of it
const lone = Array.from({ length: 20 * STREAMS }, (_, i) => block(machines[i % STREAMS] as Stream, 1, i))

function block(of: Stream, length: number, position: number): Block {
  const values = Float64Array.from({ length: of.channels.length * length }, (_, i) => Math.sin(i * 0.37 + position))
  const start = 1_700_000_000_000_000_000n + BigInt(position * length) * 1_000_000n
  const time = { start, clock: 'device' as const, uncertainty: 0, period: 1e6 }
  const origin = { split: 's', position, positions: undefined }
  return { stream: of, length, values, time, quality: undefined, gap: undefined, origin }
}

function withValues({ stream, length, time, quality, gap, origin }: Block, values: Float64Array): Block {
  return { stream, length, values, time, quality, gap, origin }
}

/** Gain and offset. */
function scaled(input: Block): Block {
  const { values } = input
  const out = new Float64Array(values.length)
  for (let i = 0; i < values.length; i += 1) out[i] = (values[i] as number) * 2.5 + 0.125
  return withValues(input, out)
}

/** Distance from an exponentially weighted mean in its deviations, a state a channel. */
function rollingZ(width: number): (input: Block) => Block {
  const mean = new Float64Array(width)
  const variance = new Float64Array(width).fill(1)
  return (input) => {
    const { length, values } = input
    const out = new Float64Array(values.length)
    for (let c = 0; c < width; c += 1) {
      let m = mean[c] as number
      let v = variance[c] as number
      for (let i = c * length; i < (c + 1) * length; i += 1) {
        const d = (values[i] as number) - m
        out[i] = d / Math.sqrt(v + 1e-9)
        m += 0.01 * d
        v = 0.99 * (v + 0.01 * d * d)
      }
      mean[c] = m
      variance[c] = v
    }
    return withValues(input, out)
  }
}

/** Values beyond a limit, kept; the others 0. */
function beyond(input: Block): Block {
  const { values } = input
  const out = new Float64Array(values.length)
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number
    out[i] = value > 1.2 || value < -1.2 ? value : 0
  }
  return withValues(input, out)
}

function operators(): Operator[] {
  const of = (id: string, kernel: (stream: Stream) => (input: Block) => Block): Operator =>
    operator({ id, kernel: (stream) => ({ output: stream, process: kernel(stream) }) })
  return [of('scale', () => scaled), of('z', (s) => rollingZ(s.channels.length)), of('beyond', () => beyond)]
}

class Sum implements Sink<Block> {
  readonly id = 'sum'
  total = 0
  add(input: Block): void {
    this.total += (input.values[0] as number) + (input.values[input.values.length - 1] as number)
  }
  async write(items: readonly Block[]): Promise<void> {
    for (const item of items) this.add(item)
  }
}

function sourceOf(all: readonly Block[], passes: number, blocksABatch: number): Source {
  return {
    id: 'memory',
    replay: 'position',
    async *read(): AsyncGenerator<Batch> {
      for (let pass = 0; pass < passes; pass += 1) {
        for (let i = 0; i < all.length; i += blocksABatch) {
          yield { split: 's', position: pass * all.length + i, blocks: all.slice(i, i + blocksABatch) }
        }
      }
    },
    commit: async () => {}
  }
}

interface Total {
  readonly work: number
  readonly result: number
}

async function ours(
  all: readonly Block[],
  work: number,
  passes = PASSES,
  blocksABatch = BLOCKS_A_BATCH
): Promise<Total> {
  const sink = new Sum()
  const [a, b, c] = operators() as [Operator, Operator, Operator]
  await pipeline('bench')
    .from(sourceOf(all, passes, blocksABatch))
    .pipe(a, b, c)
    .to(sink)
    .start().done
  return { work, result: sink.total }
}

function plainLoop(all: readonly Block[], work: number): Total {
  const sum = new Sum()
  const z = rollingZ(CHANNELS)
  for (let pass = 0; pass < PASSES; pass += 1) for (const item of all) sum.add(beyond(z(scaled(item))))
  return { work, result: sum.total }
}

async function plainRxjs(all: readonly Block[], work: number): Promise<Total> {
  const z = rollingZ(CHANNELS)
  const sum = new Sum()
  const added = reduce((total: Sum, item: Block) => {
    total.add(item)
    return total
  }, sum)
  const source = range(0, PASSES).pipe(concatMap(() => from(all)))
  await lastValueFrom(source.pipe(map(scaled), map(z), map(beyond), added))
  return { work, result: sum.total }
}

interface Sample {
  readonly channel: number
  readonly value: number
}

/** One object a sample through the same arithmetic, as a plain RxJS program would do it. */
async function objectPerSample(all: readonly Block[]): Promise<{ work: number }> {
  const mean = new Float64Array(CHANNELS)
  const variance = new Float64Array(CHANNELS).fill(1)
  const z = ({ channel, value }: Sample): Sample => {
    const d = value - (mean[channel] as number)
    const score = d / Math.sqrt((variance[channel] as number) + 1e-9)
    mean[channel] = (mean[channel] as number) + 0.01 * d
    variance[channel] = 0.99 * ((variance[channel] as number) + 0.01 * d * d)
    return { channel, value: score }
  }
  function* samples(): Generator<Sample> {
    for (const { length, values } of all) {
      for (let i = 0; i < length; i += 1) {
        for (let channel = 0; channel < CHANNELS; channel += 1)
          yield { channel, value: values[channel * length + i] as number }
      }
    }
  }
  const gain = map(({ channel, value }: Sample): Sample => ({ channel, value: value * 2.5 + 0.125 }))
  const limit = map(({ channel, value }: Sample): Sample => ({ channel, value: Math.abs(value) > 1.2 ? value : 0 }))
  const sum = reduce((total: number, { value }: Sample) => total + value, 0)
  await lastValueFrom(from(samples()).pipe(gain, map(z), limit, sum))
  return { work: (all.length * SCANS * CHANNELS) / 1e6 }
}

await bench('pipeline', async (b) => {
  const mega = (PASSES * BLOCKS * SCANS * CHANNELS) / 1e6
  const unit = 'Mvalues/s'
  await b.versus('vs-plain-loop', {
    unit,
    better: 'higher',
    ours: () => ours(blocks, mega),
    peer: () => plainLoop(blocks, mega),
    peerName: 'plain loop'
  })
  await b.versus('vs-plain-rxjs', {
    unit,
    better: 'higher',
    ours: () => ours(blocks, mega),
    peer: () => plainRxjs(blocks, mega),
    peerName: 'rxjs map'
  })
  await b.overhead('overhead', {
    unit: 'ns/block',
    ours: async () => ours(blocks, PASSES * BLOCKS),
    peer: () => plainLoop(blocks, PASSES * BLOCKS),
    peerName: 'plain loop'
  })
  await b.overhead('overhead-one-block-a-batch', {
    unit: 'ns/block',
    ours: async () => ours(blocks, PASSES * BLOCKS, PASSES, 1),
    peer: () => plainLoop(blocks, PASSES * BLOCKS),
    peerName: 'plain loop'
  })
  await b.lone('object-per-sample', { unit, better: 'higher', ours: () => objectPerSample(blocks.slice(0, 100)) })
  await b.lone('lone-events-10k-streams', {
    unit: 'ns/message',
    better: 'lower',
    ours: async () => ours(lone, lone.length, 1, 1)
  })
})
