import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { FencedError, InUseError } from '../../model/errors.ts'
import type { SpoolFiles } from './spool-files.ts'

interface Holder {
  readonly pid: number
  readonly host: string
  /** What tells this process from a later one of the same number. */
  readonly started: string
}

const NAME = /^lock-(\d{8})$/
const held = new WeakMap<SpoolFiles, Set<string>>()

/**
 * One writer a folder. The lock is named for its generation: of two that take over a dead one's, one makes the file. Who
 * was taken over although it lives (on another machine, say) finds its own file gone.
 *
 * @internal
 */
export class SpoolLock {
  readonly #files: SpoolFiles
  readonly #folder: string
  readonly #path: string

  private constructor(files: SpoolFiles, folder: string, name: string) {
    this.#files = files
    this.#folder = folder
    this.#path = join(folder, name)
  }

  /** @throws InUseError when a living process has it */
  static async take(files: SpoolFiles, folder: string): Promise<SpoolLock> {
    const here = heldOf(files)
    const key = resolve(folder)
    if (here.has(key)) throw new InUseError(folder, 'this spool is open in this process already; close it first')
    here.add(key)
    try {
      return await takeFile(files, folder, (name) => new SpoolLock(files, folder, name))
    } catch (error) {
      here.delete(key)
      throw error
    }
  }

  /** @throws FencedError when another writer has taken over */
  async check(): Promise<void> {
    if ((await this.#files.load(this.#path)) !== undefined) return
    throw new FencedError(this.#folder, 'another process has taken over this spool')
  }

  async release(): Promise<void> {
    heldOf(this.#files).delete(resolve(this.#folder))
    await this.#files.remove(this.#path)
  }
}

async function takeFile(files: SpoolFiles, folder: string, made: (name: string) => SpoolLock): Promise<SpoolLock> {
  const names = (await files.list(folder)).filter((name) => NAME.test(name)).sort()
  for (const name of names) await refuseLiving(files, folder, name)
  const newest = Number(NAME.exec(names.at(-1) ?? '')?.[1] ?? 0)
  const name = `lock-${String(newest + 1).padStart(8, '0')}`
  if (!(await files.make(join(folder, name), new TextEncoder().encode(JSON.stringify(self()))))) {
    throw new InUseError(folder, 'another process has just opened this spool')
  }
  for (const stale of names) await files.remove(join(folder, stale))
  return made(name)
}

async function refuseLiving(files: SpoolFiles, folder: string, name: string): Promise<void> {
  const bytes = await files.load(join(folder, name))
  const holder = bytes && holderOf(new TextDecoder().decode(bytes))
  if (holder && isAlive(holder)) throw new InUseError(folder, `this spool is held by process ${holder.pid}`)
}

function holderOf(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return undefined
  }
}

/** A process of another machine cannot be asked; it finds out that it was taken over. */
function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname() || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startOf(pid)
  return now !== GONE && (started === '' || started === now)
}

function self(): Holder {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid) }
}

/** Killed, but its parent has not asked how it ended: it writes nothing any more. */
const GONE = 'gone'

/** When a process began, in the system's own counting; '' where that cannot be known. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? GONE : (rest[18] ?? '')
  } catch {
    return ''
  }
}

function heldOf(files: SpoolFiles): Set<string> {
  const known = held.get(files) ?? new Set()
  held.set(files, known)
  return known
}
