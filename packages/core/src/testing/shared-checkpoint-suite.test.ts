import { describe, expect, it } from 'vitest'
import type { CheckpointClaim } from '../model/checkpoint.ts'
import { memoryCheckpoints } from './memory-checkpoints.ts'
import { sharedCheckpointChecks, sharedCheckpointSuite } from './shared-checkpoint-suite.ts'

const place = async () => {
  const store = memoryCheckpoints({ shared: true })
  return () => store
}
sharedCheckpointSuite('memoryCheckpoints, shared', { place }, { describe, it })

type Change = (claim: CheckpointClaim) => Partial<CheckpointClaim>

/** The rules that a store breaks whose claims were changed. */
async function brokenBy(change: Change): Promise<string[]> {
  const spoilt = async () => {
    const store = memoryCheckpoints({ shared: true })
    const claim = async (pipeline: string): Promise<CheckpointClaim> => {
      const whole = await store.claim(pipeline)
      return Object.assign({}, whole, change(whole))
    }
    return () => ({ claim })
  }
  const broken: string[] = []
  for (const { name, run } of sharedCheckpointChecks({ place: spoilt })) {
    try {
      await run()
    } catch {
      broken.push(name.split(' ')[0] as string)
    }
  }
  return broken
}

const silent = { progress: () => {}, fenced: () => {} }

describe('the suite notices a store that', () => {
  it.each<[string, string, Change]>([
    [
      'gives a state before a split was taken',
      'H1',
      () => ({ latest: { number: 1, takenAt: 0, steps: [], splits: [] } })
    ],
    [
      'forgets',
      'H2',
      ({ take }) => ({ take: async (...of) => ({ isOurs: (await take!(...of)).isOurs, checkpoint: undefined }) })
    ],
    [
      'tells nobody that a split is gone',
      'H3',
      ({ take }) => ({ take: (source, split, { progress }) => take!(source, split, { progress, fenced: () => {} }) })
    ],
    [
      'never knows a split again',
      'H4',
      ({ take }) => ({ take: async (...of) => ({ checkpoint: (await take!(...of)).checkpoint, isOurs: false }) })
    ],
    [
      'mixes splits up',
      'H6',
      ({ take, save }) => ({
        take: (source, _, tell) => take!(source, 'one', tell),
        save: (checkpoint) =>
          save({ ...checkpoint, splits: checkpoint.splits.map((state) => ({ ...state, split: 'one' })) })
      })
    ],
    [
      'saves later',
      'H7',
      ({ save }) => ({ save: async (checkpoint) => Promise.resolve().then(() => save(checkpoint)) })
    ],
    [
      'says nothing while it reads',
      'H8',
      ({ take }) => ({
        take: (source, split, { fenced }) => take!(source, split, { progress: silent.progress, fenced })
      })
    ]
  ])('%s', async (_, rule, change) => {
    expect(await brokenBy(change)).toContain(rule)
  })

  it('brings streams back that are gone', async () => {
    expect(
      await brokenBy(({ save }) => {
        let most: readonly unknown[] = []
        return {
          save: (checkpoint) => {
            const splits = checkpoint.splits.map((state) => {
              if (state.lanes.length > most.length) most = state.lanes
              return { ...state, lanes: most as typeof state.lanes }
            })
            return save({ ...checkpoint, splits })
          }
        }
      })
    ).toContain('H5')
  })
})
