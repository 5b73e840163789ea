import { existsSync, readFileSync } from 'node:fs'

/** A scan as a worker noted it. */
export interface NotedScan {
  /** ms since the Unix epoch, by the clock of the machine. */
  readonly notedAt: number
  readonly key: string
  /** Event time, ms since the Unix epoch. */
  readonly time: string
  /** As text: what is not equal to the bit differs. */
  readonly score: string
  readonly flag: string
}

/** What a worker has noted. A last line that a kill cut short counts as not written. */
export interface Noted {
  readonly scans: readonly NotedScan[]
  /** Event ids with their phase, as often as they were sent. */
  readonly events: readonly string[]
}

export function readNoted(file: string): Noted {
  const scans: NotedScan[] = []
  const events: string[] = []
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  lines.pop()
  for (const line of lines) {
    const [kind, at, ...rest] = line.split(' ') as [string, string, string, string, string, string]
    if (kind === 'event') events.push(rest.join(' '))
    else scans.push({ notedAt: Number(at), key: rest[0], time: rest[1], score: rest[2], flag: rest[3] })
  }
  return { scans, events }
}
