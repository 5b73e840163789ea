// Changes of 100 items of a server in another process, taken as blocks, against the client library that only counts them. By the
// clock, where the server is the slower one, and by the processor time of this process.
import { opcuaSource } from '@messwerk/transports/opcua'
import { ChangingPlant, countAlone } from '../packages/transports/src/opcua/fixtures/source-bench.ts'
import { bench, type Done } from './harness.ts'

const ITEMS = 100
const TIMES = process.argv.includes('--short') ? 50 : 200
const CHANGES = ITEMS * TIMES
const PUBLISHING = 50

const plant = await ChangingPlant.start(ITEMS)
const names = Array.from({ length: ITEMS }, (_, i) => `item-${i}`)

let runs = 0

interface Took {
  readonly wall: number
  readonly cpu: number
  /** Of all values, less what the items stood at before: the same for everybody who misses none. */
  readonly sum: number
}

async function timed(count: (ready: () => void) => Promise<number>): Promise<Took> {
  let start = 0
  let used = process.cpuUsage()
  const before = runs * TIMES
  runs += 1
  const sum = await count(() => {
    start = performance.now()
    used = process.cpuUsage()
    plant.change(TIMES)
  })
  const { user, system } = process.cpuUsage(used)
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, sum: sum - before * CHANGES }
}

async function ours(ready: () => void): Promise<number> {
  const source = opcuaSource({
    url: plant.url,
    security: 'None',
    publishing: `${PUBLISHING}ms`,
    sampling: '0ms',
    queue: 5000,
    between: 'hold',
    streams: Object.fromEntries(names.map((name) => [name, { value: `nsu=urn:mw:plant;s=${name}` }]))
  })
  const abort = new AbortController()
  const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }
  let first = ITEMS
  let left = CHANGES
  let sum = 0
  for await (const { blocks } of source.read({ signal: abort.signal, from: {}, splits })) {
    for (const { values } of blocks) {
      for (let i = 0; i < values.length; i += 1) {
        if (first > 0) {
          first -= 1
          if (first === 0) ready()
          continue
        }
        sum += values[i] as number
        left -= 1
      }
    }
    if (left <= 0) abort.abort()
  }
  return sum
}

const alone = (ready: () => void): Promise<number> => countAlone(plant.url, names, CHANGES, PUBLISHING, ready)

function done({ sum }: Took, seconds: number): Done {
  return { work: CHANGES / 1000, result: sum, seconds }
}

try {
  await bench('opcua', async (b) => {
    const common = { unit: 'kchanges/s', better: 'higher', peerName: 'node-opcua-client alone' } as const
    await b.versus('changes-per-second', {
      ...common,
      ours: async () => timed(ours).then((took) => done(took, took.wall)),
      peer: async () => timed(alone).then((took) => done(took, took.wall))
    })
    await b.versus('changes-per-cpu-second', {
      ...common,
      ours: async () => timed(ours).then((took) => done(took, took.cpu)),
      peer: async () => timed(alone).then((took) => done(took, took.cpu))
    })
  })
} finally {
  await plant.stop()
}
