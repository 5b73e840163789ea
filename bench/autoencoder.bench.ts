// A small autoencoder, 8-16-4-16-8: one row beside onnxruntime on the same network, training beside scikit-learn's MLP, one thread each.
// `MESSWERK_PYTHON` names a Python that has scikit-learn; without it the bench installs one of its own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Detector, Samples } from '@messwerk/core/model'
import { autoencoder } from '@messwerk/detectors'
import { toOnnx } from '@messwerk/detectors/models'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { type Bench, bench, type Contender } from './harness.ts'
import { type PythonPeer, pythonPeer } from './python-peer.ts'
import { normalSamples, rowMajor, scan } from './samples.ts'

const ROWS = 10_000
const WIDTH = 8
const EPOCHS = 20
const SINGLES = 1000
const PEER_SINGLES = 100

const rows = normalSamples(ROWS, WIDTH)
// half of each channel is a movement that it shares with three others: something to learn
for (let c = 0; c < WIDTH; c += 1)
  for (let i = 0; i < ROWS; i += 1) rows.values[c * ROWS + i]! += rows.values[(c % 2) * ROWS + i]!
const channels = rows.channels.map((name) => ({ name, unit: '1' }))
const singles = Array.from({ length: SINGLES }, (_, i) => scan(rows, i))
const one = new Float64Array(1)

function trained(samples: Samples, batch: number, activation: 'relu' | 'tanh' = 'relu'): Detector {
  const size = { hidden: [16, 4, 16], activation, batch, rate: 0.001 } as const
  // every epoch, on all rows, as the peer
  const detector = autoencoder({ ...size, epochs: EPOCHS, patience: EPOCHS, holdBack: 0 }).create(channels)
  detector.fit(samples)
  return detector
}

function scored(detector: Detector): Contender {
  return () => {
    for (const single of singles) detector.score(single, one)
    return { work: SINGLES }
  }
}

async function onnxruntime(detector: Detector): Promise<Contender> {
  const session = await InferenceSession.create(toOnnx(detector), { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const tensors = singles.map(({ values }) => new Tensor('float32', Float32Array.from(values), [1, WIDTH]))
  for (const [i, tensor] of tensors.entries()) {
    const [own] = detector.score({ ...singles[i]!, values: Float64Array.from(tensor.data as Float32Array) })
    const [theirs] = (await session.run({ input: tensor }, ['score'])).score!.data as Float32Array
    if (Math.abs(theirs! / own! - 1) > 1e-6) throw new Error(`row ${i}: ours scores ${own}, onnxruntime ${theirs}`)
  }
  return async () => {
    for (let i = 0; i < PEER_SINGLES; i += 1) await session.run({ input: tensors[i]! }, ['score'])
    return { work: PEER_SINGLES }
  }
}

async function loaded(peer: PythonPeer): Promise<string> {
  const folder = mkdtempSync(`${tmpdir()}/bench-autoencoder-`)
  const file = `${folder}/rows.f64`
  writeFileSync(file, rowMajor(rows))
  try {
    return (await peer.ask<{ version: string }>({ do: 'load', file, width: WIDTH })).version
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function training(b: Bench, peer: PythonPeer | undefined, peerName: string): Promise<void> {
  for (const batch of [256, 32]) {
    const unit = { unit: 's/training', better: 'lower' } as const
    const ours = (): { work: number } => {
      trained(rows, batch)
      return { work: 1 }
    }
    const name = batch === 256 ? 'train' : `train-batch-${batch}`
    if (peer === undefined) await b.lone(name, { ...unit, ours })
    else {
      const request = { do: 'train', batch, epochs: EPOCHS }
      const theirs = async () => ({ work: 1, seconds: (await peer.ask<{ seconds: number }>(request)).seconds })
      await b.versus(name, { ...unit, ours, peer: theirs, peerName })
    }
  }
}

const peer = pythonPeer('autoencoder', { sklearn: 'scikit-learn' })
if (typeof peer === 'string') console.log(`Without scikit-learn: ${peer}`)
await bench('autoencoder', async (b) => {
  const relu = trained(rows, 256)
  const unit = { unit: 'us/row', better: 'lower' } as const
  const peerName = `onnxruntime-node ${(await import('onnxruntime-node/package.json', { with: { type: 'json' } })).default.version}`
  await b.versus('single-row', { ...unit, ours: scored(relu), peer: await onnxruntime(relu), peerName })
  await b.lone('single-row-tanh', { ...unit, ours: scored(trained(rows, 256, 'tanh')) })
  if (typeof peer === 'string') return training(b, undefined, '')
  await training(b, peer, `scikit-learn ${await loaded(peer)} MLPRegressor`)
  peer.close()
})
