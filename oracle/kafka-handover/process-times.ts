import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds since each began, by Linux' /proc; undefined elsewhere. */
export interface MachineTimes {
  /** Of all processes together. */
  readonly busy: number
  readonly idle: number
  /** Of the processes that were asked for, in their order. */
  readonly of: readonly number[]
}

/** Linux shows times in these ticks to every program, whatever its own clock. */
const TICKS_A_SECOND = 100

export function machineTimes(pids: readonly number[]): MachineTimes | undefined {
  try {
    const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softIrq = 0, steal = 0] = readFileSync(
      '/proc/stat',
      'utf8'
    )
      .split('\n', 1)
      .flatMap((line) => line.trim().split(/\s+/).slice(1).map(Number))
    const busy = user + nice + system + irq + softIrq + steal
    return { busy: busy / TICKS_A_SECOND, idle: (idle + wait) / TICKS_A_SECOND, of: pids.map(secondsOf) }
  } catch {
    return undefined
  }
}

/** Own child processes whose command line has this word. */
export function childrenWith(word: string): number[] {
  try {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
    return pids.filter((pid) => isChildWith(pid, word))
  } catch {
    return []
  }
}

function isChildWith(pid: number, word: string): boolean {
  try {
    return Number(statOf(pid)[1]) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)
  } catch {
    return false // it has ended
  }
}

/** CPU seconds of the thread that runs JavaScript: of the others, most is garbage collection and compiling. */
export function mainThreadSeconds(pid: number | undefined): number {
  try {
    return secondsOf(`${pid}/task/${pid}`)
  } catch {
    return Number.NaN
  }
}

function secondsOf(process: number | string): number {
  const stat = statOf(process)
  return (Number(stat[11]) + Number(stat[12])) / TICKS_A_SECOND
}

/** State, parent, .. : what stands behind the name of the program, which may have blanks. */
function statOf(process: number | string): string[] {
  const text = readFileSync(`/proc/${process}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}
