import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for a trial; on a disk of limited size where that can be had. */
export class TrialFolder {
  readonly path: string
  /** Why the disk cannot be filled; undefined when it can. */
  readonly unlimited: string | undefined
  readonly #mounted: boolean

  /** @param size - of the disk, bytes; undefined for an ordinary folder */
  constructor(size: number | undefined) {
    this.path = mkdtempSync(join(tmpdir(), 'messwerk-oracle-'))
    this.unlimited = size === undefined ? 'not asked for' : mount(this.path, size)
    this.#mounted = this.unlimited === undefined
    for (const name of ['state', 'store', 'state-2', 'store-2']) mkdirSync(join(this.path, name))
  }

  /** Takes all the space that is left. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.path)
    const chunk = Buffer.alloc(1 << 20)
    for (let i = 0; i * chunk.length < bavail * bsize + chunk.length; i += 1) {
      try {
        writeFileSync(join(this.path, 'ballast'), chunk, { flag: 'a' })
      } catch {
        return
      }
    }
  }

  free(): void {
    rmSync(join(this.path, 'ballast'), { force: true })
  }

  remove(): void {
    if (this.#mounted) execFileSync('umount', ['-l', this.path])
    rmSync(this.path, { recursive: true, force: true })
  }
}

function mount(path: string, size: number): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no small disk can be mounted here (${(error as Error).message.split('\n')[0]}); only root may`
  }
}
