// How many rows a second detectors score, with 8 channels in blocks of 256: those that fit score only, those that stream score and
// learn; half-space trees of River's size, 10 of height 8. Beside numpy, River and rrcf with one thread where Python is there; `MESSWERK_PYTHON` names one that has them.
import type { Detector, DetectorSpec, Samples } from '@messwerk/core/model'
import { halfSpaceTrees, nearestNeighbour, randomCutForest, robustZ, t2, zScore } from '@messwerk/detectors'
import { type Bench, bench, type Contender } from './harness.ts'
import { type PythonPeer, pythonPeer } from './python-peer.ts'
import { normalSamples } from './samples.ts'

const BLOCK = 256
const BLOCKS = 400
const blocks: readonly Samples[] = Array.from({ length: BLOCKS }, (_, k) => normalSamples(BLOCK, 8, k + 1))
const learned = normalSamples(10_000, 8, 7777)
const channels = learned.channels.map((name) => ({ name, unit: '1' }))
const out = new Float64Array(BLOCK)

function fitted(spec: DetectorSpec): Detector {
  const detector = spec.create(channels)
  detector.fit(learned)
  return detector
}

/** Scores blocks, 40 times as many as there are: a run is long enough to be timed. */
function scoring(spec: DetectorSpec): Contender {
  const detector = fitted(spec)
  return () => {
    for (let round = 0; round < 10; round += 1) for (const block of blocks) detector.score(block, out)
    return { work: 10 * BLOCKS * BLOCK }
  }
}

/** Scores and learns each row of some blocks. */
function streaming(spec: DetectorSpec, count: number): Contender {
  const detector = fitted(spec)
  let next = 0
  return () => {
    for (let k = 0; k < count; k += 1) {
      detector.process(blocks[next % BLOCKS]!, undefined, out)
      next += 1
    }
    return { work: count * BLOCK }
  }
}

const peer = pythonPeer('detectors', { numpy: 'numpy', river: 'river', rrcf: 'rrcf' })
if (typeof peer === 'string') console.log(`Without numpy, River and rrcf: ${peer}`)

await bench('detectors', async (b) => {
  const python = typeof peer === 'string' ? undefined : peer
  const versions = await python?.ask<Record<string, string>>({ do: 'versions' })
  const add = (name: string, ours: Contender, request?: Beside): Promise<void> =>
    beside(b, name, ours, python, versions, request)
  await add('t2', scoring(t2()), { do: 't2', rows: 500_000, library: 'numpy' })
  await add('z-score', scoring(zScore()), { do: 'z_score', rows: 500_000, library: 'numpy' })
  await add('robust-z', scoring(robustZ()))
  await add('half-space-trees', streaming(halfSpaceTrees({ trees: 10, height: 8 }), 40), {
    do: 'half_space_trees',
    rows: 5000,
    library: 'river'
  })
  await add('random-cut-forest', streaming(randomCutForest(), 4), {
    do: 'random_cut_forest',
    rows: 286,
    library: 'rrcf'
  })
  await add('reservoir-neighbour', streaming(nearestNeighbour(), 40))
  python?.close()
})

interface Beside {
  readonly do: string
  readonly rows: number
  readonly library: string
}

function beside(
  b: Bench,
  name: string,
  ours: Contender,
  python: PythonPeer | undefined,
  versions: Record<string, string> | undefined,
  request: Beside | undefined
): Promise<void> {
  const common = { unit: 'rows/s', better: 'higher', ours } as const
  if (python === undefined || request === undefined) return b.lone(name, common)
  // rrcf fills its trees first; only what follows is timed
  const work = request.do === 'random_cut_forest' ? request.rows - 256 : request.rows
  return b.versus(name, {
    ...common,
    peerName: `${request.library} ${versions?.[request.library]}`,
    peer: async () => ({ work, ...(await python.ask<{ seconds: number }>(request)) })
  })
}
