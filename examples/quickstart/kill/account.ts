import { availableParallelism, cpus } from 'node:os'
import type { KillOptions } from './kill-options.ts'
import type { Verdict } from './verdict.ts'

/** What is about to happen. */
export function opening({ kills, seed, rate }: KillOptions): string {
  return `\
Two programs read the same ${rate} messages/s (QoS 1, persistent session) from one broker, each into a DuckDB file of its own:

  plain     examples/quickstart/kill/plain-mqtt.ts     MQTT.js, an INSERT for each message
  messwerk  examples/quickstart/kill/messwerk-mqtt.ts  this SDK: source, sink, a directory for checkpoints

Both are killed with SIGKILL at the same ${kills} moments (--seed ${seed}) and started again at once. The broker is restarted once: its server and
all connections go away and come back, the sessions and what it has kept for them stay, as in a broker with persistence.
`
}

export interface Account {
  readonly published: number
  readonly deadLetters: number
  readonly plain: Verdict
  readonly messwerk: Verdict
}

/** The table, and a sentence for each. */
export function closing({ published, deadLetters, plain, messwerk }: Account): string {
  const sides = { plain, messwerk }
  const lines = Object.entries(sides).map(([name, side]) =>
    row(name, [published, side.stored, side.lost, side.twice, side.declared ?? '-'])
  )
  return [
    '',
    row('', ['published', 'stored', 'lost', 'twice', 'holes declared']),
    ...lines,
    '',
    `plain:    ${ofPlain(plain)}`,
    `messwerk: ${ofMesswerk(messwerk, deadLetters)}`,
    `\nNode ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}`
  ].join('\n')
}

function row(name: string, cells: readonly (number | string)[]): string {
  const widths = [11, 9, 9, 9, 17]
  return name.padEnd(10) + cells.map((cell, i) => String(cell).padStart(widths[i]!)).join('')
}

function ofPlain({ lost, lostByKill, twice }: Verdict): string {
  const said =
    lost > 0
      ? `lost ${lost} (kill by kill: ${lostByKill.slice(0, -1).join(', ')}), and nothing says so. MQTT.js acknowledges a message ` +
        'when its handler returns, while the INSERT still goes on: what a kill finds in between, neither broker nor store has. ' +
        'It is most when what the broker had kept comes all at once and INSERTs queue.'
      : 'lost nothing this time: each kill found every INSERT done that had been acknowledged. Another --seed may not.'
  if (twice === 0) return said
  const many = twice === 1 ? 'One was delivered again' : `${twice} were delivered again`
  return `${said} ${many} after a cut that overtook the acknowledgement, and inserted again.`
}

function ofMesswerk({ lost, twice, declared = 0 }: Verdict, deadLetters: number): string {
  const aside = deadLetters > 0 ? ` ${deadLetters} are in the dead letters.` : ''
  if (lost > 0 || twice > 0) {
    return `lost ${lost}, stored ${twice} twice, declared ${declared}: this should not happen; please report it with the seed.${aside}`
  }
  return (
    'lost nothing. A message is acknowledged when its row and a checkpoint are on disk; what the broker sends again is known by its id, ' +
    `and its row by stream and time.${aside}`
  )
}
