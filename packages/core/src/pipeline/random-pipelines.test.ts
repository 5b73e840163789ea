import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { Dice } from './fixtures/simulation/dice.ts'
import { randomPlan } from './fixtures/simulation/random-plan.ts'
import { simulate } from './fixtures/simulation/simulate.ts'

// Random pipelines, sources, stores and faults, with kills between any two steps. The world around a pipeline (see
// fixtures/simulation) looks at every write, save and commit: nothing is lost, nothing is counted twice, no stored row is
// ever changed, and what a naive computation over the source's log says is what the stores hold at the end.

// `quick`: always the same plans, and no search for a smaller one; `npm run mutants` asks for it
const isQuick = process.env.MESSWERK_RANDOM_PIPELINES === 'quick'
const plans: fc.Parameters<unknown> = isQuick ? { numRuns: 300, seed: 1, endOnFailure: true } : { numRuns: 1500 }

it('lose nothing, count nothing twice and change no stored row', { timeout: 300_000 }, async () => {
  const did = { kills: 0, stops: 0, takeOvers: 0, saves: 0, moves: 0 }
  const random = vi.spyOn(Math, 'random')
  try {
    await fc.assert(
      fc.asyncProperty(randomPlan, async (plan) => {
        const dice = new Dice(plan.seed, 'Math.random') // the jitter of waits
        random.mockImplementation(() => dice.next())
        const { kills, stops, takeOvers, saves, moves } = await simulate(plan)
        did.kills += kills
        did.stops += stops
        did.takeOvers += takeOvers
        did.saves += saves
        did.moves += moves
      }),
      plans
    )
  } finally {
    random.mockRestore()
  }
  // it is worth something only if things went wrong
  const least = (plans.numRuns as number) * 0.8
  expect(did.kills).toBeGreaterThan(least)
  expect(did.stops).toBeGreaterThan(least / 5)
  expect(did.takeOvers).toBeGreaterThan(least / 50)
  expect(did.saves).toBeGreaterThan(least * 5)
  expect(did.moves).toBeGreaterThan(least)
})
