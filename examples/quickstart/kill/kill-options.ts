import { parseArgs } from 'node:util'

export interface KillOptions {
  readonly kills: number
  readonly seed: number
  /** Messages per second. */
  readonly rate: number
}

/** What stands behind `npm run demo -- --kill`. */
export function killOptions(args: readonly string[]): KillOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kill: { type: 'boolean' },
      kills: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '200' }
    }
  })
  return {
    kills: whole('kills', values.kills, 1, 100),
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    rate: whole('rate', values.rate, 1, 5000)
  }
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= from && value <= to) return value
  throw new RangeError(`--${name} must be a whole number from ${from} to ${to}, got '${text}'`)
}
