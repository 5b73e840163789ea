// Models from elsewhere, read into trees and layers of ours, beside onnxruntime on the same files, one thread each: the isolation forest of
// 100 trees of 256 rows as skl2onnx exports it, and a dense network 8-16-4-16-8. Batches of rows as a stream brings them, and single rows.
// `MESSWERK_PYTHON` names a Python that has scikit-learn, skl2onnx and onnx; without it the bench installs one of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Detector, Samples } from '@messwerk/core/model'
import { readDense, readForest } from '@messwerk/detectors/models'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { type Bench, bench, type Contender } from './harness.ts'
import { type PythonPeer, pythonPeer } from './python-peer.ts'
import { normalSamples, rowMajor } from './samples.ts'

const WIDTH = 8
const TRAINING = 10_000
const SIZES = [8, 16, 4, 16, 8]

interface Models {
  readonly forest: Uint8Array
  readonly dense: Uint8Array
}

/** Scores of one batch by onnxruntime. */
type Score = (tensor: Tensor) => Promise<ArrayLike<number>>

const channels = normalSamples(1, WIDTH).channels.map((name) => ({ name, unit: '1' }))

async function exported(peer: PythonPeer): Promise<Models> {
  const folder = mkdtempSync(`${tmpdir()}/bench-onnx-`)
  const [rows, forest, dense] = ['rows.f64', 'forest.onnx', 'dense.onnx'].map((name) => `${folder}/${name}`)
  writeFileSync(rows!, rowMajor(normalSamples(TRAINING, WIDTH)))
  try {
    const { versions } = await peer.ask<{ versions: string }>({ rows, width: WIDTH, forest, dense, sizes: SIZES })
    console.log(`The forest is of ${versions}.`)
    return { forest: readFileSync(forest!), dense: readFileSync(dense!) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function sessionOf(bytes: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(bytes, { intraOpNumThreads: 1, interOpNumThreads: 1 })
}

function forestScore(session: InferenceSession): Score {
  return async (tensor) => {
    const { score_samples } = await session.run({ X: tensor }, ['score_samples'])
    return (score_samples!.data as Float32Array).map((score) => -score)
  }
}

function denseScore(session: InferenceSession): Score {
  return async (tensor) => {
    const given = tensor.data as Float32Array
    const drawn = (await session.run({ x: tensor }, ['y'])).y!.data as Float32Array
    const scores = new Float64Array(given.length / WIDTH)
    for (let k = 0; k < given.length; k += 1) {
      const difference = given[k]! - drawn[k]!
      scores[(k - (k % WIDTH)) / WIDTH]! += (difference * difference) / WIDTH
    }
    return scores
  }
}

/** float32 values, the same for both. */
function batchOf(rows: number): { samples: Samples; tensor: Tensor } {
  const samples = normalSamples(rows, WIDTH, 7)
  samples.values.set(Float32Array.from(samples.values))
  return { samples, tensor: new Tensor('float32', Float32Array.from(rowMajor(samples)), [rows, WIDTH]) }
}

function checkSame(name: string, own: ArrayLike<number>, theirs: ArrayLike<number>): void {
  for (let i = 0; i < own.length; i += 1)
    if (Math.abs(own[i]! - theirs[i]!) > 1e-5 * Math.max(1, Math.abs(theirs[i]!)))
      throw new Error(`${name}, row ${i}: ours scores ${own[i]}, onnxruntime ${theirs[i]}`)
}

async function versus(
  b: Bench,
  name: string,
  detector: Detector,
  score: Score,
  rows: number,
  times: number
): Promise<void> {
  const { samples, tensor } = batchOf(rows)
  const out = new Float64Array(rows)
  checkSame(name, detector.score(samples, out), await score(tensor))
  const isSingle = rows === 1
  const work = isSingle ? times : (rows * times) / 1000
  const ours: Contender = () => {
    for (let k = 0; k < times; k += 1) detector.score(samples, out)
    return { work }
  }
  const peer: Contender = async () => {
    for (let k = 0; k < times; k += 1) await score(tensor)
    return { work }
  }
  const unit = isSingle ? 'us/row' : 'krows/s'
  await b.versus(name, { unit, better: isSingle ? 'lower' : 'higher', ours, peerName: 'onnxruntime-node', peer })
}

const peer = pythonPeer('onnx_models', { sklearn: 'scikit-learn', skl2onnx: 'skl2onnx', onnx: 'onnx' })
if (typeof peer === 'string') console.log(`Without the models to compare: ${peer}`)
else
  await bench('onnx', async (b) => {
    const { forest, dense } = await exported(peer)
    const [trees, layers] = [readForest(forest).create(channels), readDense(dense).create(channels)]
    const [ofTrees, ofLayers] = [forestScore(await sessionOf(forest)), denseScore(await sessionOf(dense))]
    await versus(b, 'forest-batch-1024', trees, ofTrees, 1024, 4)
    await versus(b, 'forest-batch-64', trees, ofTrees, 64, 16)
    await versus(b, 'forest-single-row', trees, ofTrees, 1, 100)
    await versus(b, 'dense-batch-1024', layers, ofLayers, 1024, 16)
    await versus(b, 'dense-batch-64', layers, ofLayers, 64, 100)
    await versus(b, 'dense-single-row', layers, ofLayers, 1, 1000)
    peer.close()
  })
