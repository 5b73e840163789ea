import { ModelError, type Samples } from '@messwerk/core/model'
import type { ProofRows } from './read-proof.ts'

/** Pairs of channels that are tried in turn, at most. */
const MOST_PAIRS = 45
/** And for as long: it only makes the message better. */
const LONGEST_MS = 2000

type Score = (samples: Samples) => Float64Array | Promise<Float64Array>

/**
 * Scores the rows of the proof, and compares.
 *
 * @param label - in front of messages: `loadModel: pump.mwz`
 * @throws ModelError with reason `proof` that names the first row that differs, and channels that seem to be swapped
 * @internal
 */
export async function checkProof(
  label: string,
  proof: ProofRows,
  channels: readonly string[],
  score: Score
): Promise<void> {
  const { length, values, scores, tolerance, seconds } = proof
  const scoresOf = async (of: Float64Array): Promise<Float64Array> =>
    await score({ channels, length, values: of, seconds })
  const here = await scoresOf(values)
  const wrong = Array.from(scores.keys()).filter((i) => !isNear(here[i]!, scores[i]!, tolerance))
  const first = wrong[0]
  if (first === undefined) return
  const row = `row ${first} scores ${shown(here[first]!)} here, ${shown(scores[first]!)} where it was made`
  const found = `${row} (tolerance ${tolerance}); ${wrong.length} of ${length} rows differ`
  const swapped = await swappedPair(proof, channels, scoresOf)
  const hint =
    swapped === undefined
      ? ''
      : `: are channels swapped? exchanging '${swapped[0]}' and '${swapped[1]}' gives ${shown(scores[first]!)}`
  throw new ModelError('proof', `${label}: ${found}${hint}`)
}

/** The two channels that give all scores when they are exchanged. */
async function swappedPair(
  { length, values, scores, tolerance }: ProofRows,
  channels: readonly string[],
  scoresOf: (values: Float64Array) => Promise<Float64Array>
): Promise<readonly [string, string] | undefined> {
  let tried = 0
  const end = performance.now() + LONGEST_MS
  for (let a = 0; a < channels.length; a += 1)
    for (let b = a + 1; b < channels.length && tried < MOST_PAIRS && performance.now() < end; b += 1) {
      tried += 1
      const turned = values.slice()
      turned.set(values.subarray(a * length, (a + 1) * length), b * length)
      turned.set(values.subarray(b * length, (b + 1) * length), a * length)
      const here = await scoresOf(turned)
      if (scores.every((wanted, i) => isNear(here[i]!, wanted, tolerance))) return [channels[a]!, channels[b]!]
    }
  return undefined
}

function isNear(here: number, wanted: number, tolerance: number): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(here)
  return Math.abs(here - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
}

function shown(score: number): string {
  return Number.isNaN(score) ? 'nothing' : `${Number(score.toPrecision(6))}`
}
