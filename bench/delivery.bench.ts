// What checkpoints cost: the same pipeline with state worth keeping, saved to disk every second, against none.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detect, pipeline, rms, type StartOptions, toEvents } from '@messwerk/core'
import { type Batch, type Block, defineStream, type Sink, type Source } from '@messwerk/core/model'
import { robustZ } from '@messwerk/detectors'
import { bench, type Done } from './harness.ts'

const CHANNELS = 8
const SCANS = 256
const MACHINES = 16
const RATE = 10_000
const BLOCKS = 256
// long enough that several checkpoints are taken
const PASSES = process.argv.includes('--short') ? 2 : 1600

const channels = Array.from({ length: CHANNELS }, (_, c) => ({ name: `c${c}`, unit: 'V' }))
const machines = Array.from({ length: MACHINES }, (_, i) => defineStream({ id: `machine-${i}`, channels, rate: RATE }))
const columns = Array.from({ length: BLOCKS }, (_, i) =>
  Float64Array.from({ length: CHANNELS * SCANS }, (_value, k) => Math.sin(k * 0.37 + i) + ((k * 7919 + i) % 101) / 101)
)

/** Block `i` of the whole run: machines in turns, times without an end. */
function blockAt(i: number): Block {
  const round = Math.floor(i / MACHINES)
  const start = 1_700_000_000_000_000_000n + BigInt(round * SCANS) * BigInt(1e9 / RATE)
  const time = { start, clock: 'device' as const, uncertainty: 0, period: 1e9 / RATE }
  const origin = { split: 's', position: i, positions: undefined }
  const stream = machines[i % MACHINES] as (typeof machines)[number]
  const values = columns[i % BLOCKS] as Float64Array
  return { stream, length: SCANS, values, time, quality: undefined, gap: undefined, origin }
}

const source: Source = {
  id: 'memory',
  replay: 'position',
  async *read(): AsyncGenerator<Batch> {
    for (let i = 0; i < PASSES * BLOCKS; i += MACHINES) {
      const blocks = Array.from({ length: MACHINES }, (_, k) => blockAt(i + k))
      yield { split: 's', position: i + MACHINES - 1, blocks }
    }
  },
  commit: async () => {}
}

class Sum implements Sink<Block> {
  readonly id = 'sum'
  total = 0
  async write(items: readonly Block[]): Promise<void> {
    for (const { values } of items) this.total += (values[0] as number) + values.length
  }
}

async function through(options: StartOptions): Promise<Done> {
  const sink = new Sum()
  let events = 0
  await pipeline('bench')
    .from(source)
    .pipe(rms({ window: '10ms' }), detect(robustZ(), { learn: '1s', threshold: { raise: 6, clear: 4 } }))
    .to(sink)
    .events(toEvents(), {
      write: async (items) => {
        events += items.length
      }
    })
    .start(options).done
  return { work: (PASSES * BLOCKS * SCANS * CHANNELS) / 1e6, result: [sink.total, events] }
}

async function saving(): Promise<Done> {
  const directory = mkdtempSync(join(tmpdir(), 'delivery-'))
  try {
    return await through({ directory, checkpoint: { every: '1s' } })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

await bench('delivery', async (b) => {
  await b.versus('vs-no-checkpoints', {
    unit: 'Mvalues/s',
    better: 'higher',
    ours: saving,
    peer: () => through({}),
    peerName: 'no checkpoints'
  })
})
