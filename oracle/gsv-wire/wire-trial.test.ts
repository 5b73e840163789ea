// A few seconds of `npm run oracle:gsv`, slower, without its limits of time.
import { expect, it } from 'vitest'
import { wireTrial } from './wire-trial.ts'

const short = {
  rate: 2000,
  seconds: 7,
  corrupt: 1e-3,
  unplugs: 1,
  unplugMs: 1000,
  stallMs: 0,
  crystal: 40,
  seed: 3,
  log: undefined
}

it.each([true, false])(
  'a bad line and a cable that is pulled out: all is declared, with its number (counter channel: %s)',
  async (counted) => {
    const { corrupted, reconnected, holdings, ...verdict } = await wireTrial({ ...short, counted })
    const flawless = { invalid: 0, repeated: 0, undeclared: 0, needless: 0, backwards: 0 }
    expect(verdict, verdict.findings.join('\n')).toMatchObject(flawless)
    expect(corrupted.count).toBeGreaterThan(100)
    expect(corrupted.exact).toBe(corrupted.count)
    expect(reconnected).toMatchObject({ count: 1, unknown: 0 })
    expect(reconnected.largestError).toBeLessThanOrEqual(counted ? 0 : 2)
    expect(new Set(holdings.slice(0, -1).map(({ sockets, listeners }) => `${sockets} ${listeners}`)).size).toBe(1)
    expect(holdings.at(-1)).toMatchObject({ sockets: 1, listeners: 0 })
  },
  60_000
)
