import type { DetectorSpec } from '@messwerk/core/model'
import { samples } from '@messwerk/detectors'
import { loadModel } from '@messwerk/detectors/models'

/** Scores of a model file to the last bit: the same program in Node and in a browser. */
export async function scoresOf(source: string | URL): Promise<{ way: string; hash: string; scores: string[] }> {
  const loaded = await loadModel(source)
  const { way, model } = loaded
  const spec = loaded as DetectorSpec
  const column = (phase: number): number[] => Array.from({ length: 256 }, (_, i) => ((i * 7919 + phase) % 101) / 7)
  const detector = spec.create([
    { name: 'force_x', unit: 'N' },
    { name: 'force_y', unit: 'N' }
  ])
  const scores = detector.score(samples({ force_x: column(0), force_y: column(13) }))
  return { way, hash: model.hash, scores: Array.from(new BigUint64Array(scores.buffer, 0, scores.length), String) }
}
