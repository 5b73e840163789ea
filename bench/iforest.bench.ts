// Isolation forest beside scikit-learn: the same 100 trees of 256 rows, the same 100 000 rows of 8 channels as float64, one thread each.
// `MESSWERK_PYTHON` names a Python that has scikit-learn; without it the bench installs one of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Detector, Samples } from '@messwerk/core/model'
import { isolationForest } from '@messwerk/detectors'
import { type Bench, bench, type Contender } from './harness.ts'
import { type PythonPeer, pythonPeer } from './python-peer.ts'
import { normalSamples, rowMajor, scan } from './samples.ts'

const ROWS = 100_000
const WIDTH = 8
const SINGLES = 1000
const PEER_SINGLES = 20

interface Trees {
  readonly nodes: number[]
  readonly thresholds: number[]
  readonly scores: number[]
  readonly version: string
}

const rows = normalSamples(ROWS, WIDTH)
const singles = Array.from({ length: SINGLES }, (_, i) => scan(rows, i))
const channels = rows.channels.map((name) => ({ name, unit: '1' }))
const out = new Float64Array(ROWS)
const one = new Float64Array(1)

/** Ours with the trees of scikit-learn. */
function planted({ nodes, thresholds }: Trees): Detector {
  const spec = isolationForest()
  const empty = spec.create(channels)
  const { kind, version, state } = empty.snapshot()
  const trees = {
    grown: 100,
    rowsEach: 256,
    nodes: Float64Array.from(nodes),
    thresholds: Float64Array.from(thresholds)
  }
  return spec.restore({ kind, version, state: { ...Object(state), ...trees } })
}

function checkSame(detector: Detector, { scores }: Trees): void {
  const own = detector.score(rows, out)
  scores.forEach((score, i) => {
    if (Math.abs(own[i]! - score) > 1e-12) throw new Error(`row ${i}: ours scores ${own[i]}, scikit-learn ${score}`)
  })
}

function grown(samples: Samples): Detector {
  const detector = isolationForest().create(channels)
  detector.fit(samples)
  return detector
}

async function loaded(peer: PythonPeer): Promise<Trees> {
  const folder = mkdtempSync(`${tmpdir()}/bench-iforest-`)
  const file = `${folder}/rows.f64`
  writeFileSync(file, rowMajor(rows))
  try {
    return await peer.ask<Trees>({ do: 'load', file, width: WIDTH })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function cases(b: Bench, detector: Detector, peer: PythonPeer | undefined, peerName: string): Promise<void> {
  const add = (
    name: string,
    unit: string,
    better: 'higher' | 'lower',
    ours: Contender,
    request: object,
    work: number
  ) =>
    peer === undefined
      ? b.lone(name, { unit, better, ours })
      : b.versus(name, {
          unit,
          better,
          ours,
          peerName,
          peer: async () => ({ work, ...(await peer.ask<object>(request)) })
        })
  const batch = () => {
    detector.score(rows, out)
    return { work: ROWS / 1000 }
  }
  const scored = () => {
    for (const single of singles) detector.score(single, one)
    return { work: SINGLES }
  }
  const processed = () => {
    for (const single of singles) detector.process(single, undefined, one)
    return { work: SINGLES }
  }
  const fit = () => {
    grown(rows)
    return { work: 1 }
  }
  const asOne = { do: 'one', times: PEER_SINGLES }
  await add('batch', 'krows/s', 'higher', batch, { do: 'batch' }, ROWS / 1000)
  await add('single-row', 'us/row', 'lower', scored, asOne, PEER_SINGLES)
  await add('single-row-process', 'us/row', 'lower', processed, asOne, PEER_SINGLES)
  await add('fit', 's/fit', 'lower', fit, { do: 'fit' }, 1)
}

const peer = pythonPeer('iforest', { sklearn: 'scikit-learn' })
if (typeof peer === 'string') console.log(`Without scikit-learn: ${peer}`)
await bench('iforest', async (b) => {
  if (typeof peer === 'string') return cases(b, grown(rows), undefined, '')
  const trees = await loaded(peer)
  const detector = planted(trees)
  checkSame(detector, trees)
  await cases(b, detector, peer, `scikit-learn ${trees.version}`)
  peer.close()
})
