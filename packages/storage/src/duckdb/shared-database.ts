import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { InUseError, StorageError } from '@messwerk/core/model'
import { duckdbError, isFatal } from './duckdb-errors.ts'
import type { DuckdbLibrary } from './load-duckdb.ts'
import { ScanTable } from './scan-table.ts'

/** How long a database stays closed between two batches with `release`, so that a reader that tries again gets in: ms. */
const RELEASED_MS = 250
const RETRY_MS = 25

/** What a user of a database may wait for. @internal */
export interface Patience {
  /** ms to try again when another process holds the file. */
  readonly wait: number
  readonly signal?: AbortSignal | undefined
}

/** What a sink asks of the database; where several ask, the shorter time and the larger memory count. @internal */
export interface Needs {
  /** ms after which the file is to be released. */
  readonly release?: number | undefined
  /** Bytes that DuckDB may use. */
  readonly memory?: number | undefined
}

type Access = 'read' | 'write'

interface Opened {
  readonly access: Access
  readonly instance: DuckDBInstance
  /** Undefined when opened for reading. */
  readonly writer: DuckDBConnection | undefined
}

const databases = new Map<string, SharedDatabase>()

/** The database of a file; all sinks and readers of this process share it. To be given back with `leave`. @internal */
export function joinDatabase(path: string, lib: DuckdbLibrary, needs: Needs = {}): SharedDatabase {
  const file = resolve(path)
  const database = databases.get(file) ?? new SharedDatabase(file, path, lib)
  databases.set(file, database)
  database.join(needs)
  return database
}

/**
 * One open file for all who use it in this process: opened when it is first used, closed when the last has left, or for
 * a moment between two batches when one of them asked for `release`. Writes come one after the other.
 *
 * @internal
 */
export class SharedDatabase {
  readonly #file: string
  readonly #path: string
  readonly #lib: DuckdbLibrary
  readonly #tables = new Map<string, ScanTable>()
  #users = 0
  #active = 0
  #idle: (() => void)[] = []
  #entering: Promise<unknown> = Promise.resolve()
  #writing: Promise<unknown> = Promise.resolve()
  #opened: Opened | undefined
  #broken = false
  #release: number | undefined
  #memory: number | undefined
  #releaseTimer: NodeJS.Timeout | undefined
  #due = false
  #closedAt = Number.NEGATIVE_INFINITY
  #lastState = ''

  constructor(file: string, path: string, lib: DuckdbLibrary) {
    this.#file = file
    this.#path = path
    this.#lib = lib
  }

  join({ release, memory }: Needs): void {
    this.#users += 1
    if (memory !== undefined) this.#memory = Math.max(memory, this.#memory ?? memory)
    if (release === undefined) return
    this.#release = Math.min(release, this.#release ?? release)
    if (this.#opened) this.#armRelease()
  }

  /** Resolves when the file is closed, if this was the last user. What was asked for before is done before. */
  async leave(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    this.#release = undefined
    this.#memory = undefined
    await this.#writing
    await this.#entering
    if (this.#active > 0) await this.#untilIdle()
    if (this.#users === 0 && this.#active === 0) this.#forget()
  }

  /** Runs a task on a connection of its own. */
  async read<T>(patience: Patience, task: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const { instance } = await this.#enter('read', patience)
    let connection: DuckDBConnection | undefined
    try {
      connection = await instance.connect()
      return await task(connection)
    } catch (error) {
      throw this.#failed(error, 'the reading failed')
    } finally {
      connection?.closeSync()
      this.#exit()
    }
  }

  /** Runs a task in a transaction: all of it happens, or nothing. One at a time. */
  write(patience: Patience, task: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const turn = this.#writing.then(() => this.#write(patience, task))
    this.#writing = turn.catch(() => undefined)
    return turn
  }

  /** Opens the file and closes nothing: errors show up before the first write. */
  async open(patience: Patience): Promise<void> {
    await this.write(patience, async () => undefined)
  }

  /** What is known of a table of scans. Only inside `write`. */
  async scanTable(connection: DuckDBConnection, table: string): Promise<ScanTable> {
    const known = this.#tables.get(table) ?? (await ScanTable.open(connection, this.#path, table, this.#lib))
    this.#tables.set(table, known)
    return known
  }

  async #write(patience: Patience, task: (connection: DuckDBConnection) => Promise<void>): Promise<void> {
    const { writer } = await this.#enter('write', patience)
    const connection = writer as DuckDBConnection
    try {
      await connection.run('BEGIN')
      await task(connection)
      await connection.run('COMMIT')
    } catch (error) {
      this.#tables.clear()
      await connection.run('ROLLBACK').catch(() => undefined)
      throw this.#failed(error, 'the writing failed')
    } finally {
      this.#exit()
    }
  }

  #failed(error: unknown, doing: string): Error {
    if (isFatal(error)) this.#broken = true
    return duckdbError(this.#path, error, doing)
  }

  #enter(access: Access, patience: Patience): Promise<Opened> {
    const turn = this.#entering.then(() => this.#admit(access, patience))
    this.#entering = turn.catch(() => undefined)
    return turn
  }

  async #admit(access: Access, patience: Patience): Promise<Opened> {
    patience.signal?.throwIfAborted()
    const suits = this.#opened && (this.#opened.access === 'write' || access === 'read')
    if (this.#opened && (this.#broken || this.#due || !suits)) {
      if (this.#active > 0) await this.#untilIdle()
      this.#close()
    }
    this.#opened ??= await this.#open(access, patience)
    this.#active += 1
    return this.#opened
  }

  #exit(): void {
    this.#active -= 1
    if (this.#active > 0) return
    if (this.#due || this.#broken) this.#close()
    if (this.#users === 0) this.#forget()
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #untilIdle(): Promise<void> {
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #forget(): void {
    this.#close()
    if (databases.get(this.#file) === this) databases.delete(this.#file)
  }

  async #open(access: Access, patience: Patience): Promise<Opened> {
    const since = performance.now()
    if (access === 'write')
      await pause(Math.max(0, this.#closedAt + RELEASED_MS - since), undefined, signalOf(patience))
    for (;;) {
      try {
        return await this.#openOnce(access)
      } catch (error) {
        const translated = duckdbError(this.#path, error, 'could not be opened')
        const again = translated instanceof InUseError && performance.now() - since < patience.wait
        if (!again) throw translated
        await pause(RETRY_MS, undefined, signalOf(patience))
      }
    }
  }

  async #openOnce(access: Access): Promise<Opened> {
    await this.#check(access)
    const before = stateOf(this.#file)
    const instance = await this.#instance(access)
    // Looked at again behind the lock, as another process may have written in between.
    if (before !== this.#lastState || stateOf(this.#file) !== before) this.#tables.clear()
    this.#broken = false
    this.#due = false
    this.#armRelease()
    return { access, instance, writer: access === 'write' ? await this.#writer(instance) : undefined }
  }

  async #writer(instance: DuckDBInstance): Promise<DuckDBConnection> {
    const connection = await instance.connect()
    if (this.#memory !== undefined) await connection.run(`SET memory_limit = '${this.#memory} bytes'`)
    return connection
  }

  async #instance(access: Access): Promise<DuckDBInstance> {
    const { DuckDBInstance } = this.#lib
    if (access === 'write') return DuckDBInstance.fromCache(this.#file)
    try {
      return await DuckDBInstance.fromCache(this.#file, { access_mode: 'READ_ONLY' })
    } catch (error) {
      // The program itself has it open for writing.
      if (/different configuration/.test(String(error))) return DuckDBInstance.fromCache(this.#file)
      throw error
    }
  }

  async #check(access: Access): Promise<void> {
    const folder = dirname(this.#file)
    const found = await stat(folder).catch(() => undefined)
    if (!found?.isDirectory()) throw new StorageError(this.#path, `the folder '${folder}' does not exist`, false)
    if (access === 'write') return
    if (!(await stat(this.#file).catch(() => undefined))) {
      throw new StorageError(this.#path, 'there is no such file', false)
    }
  }

  #armRelease(): void {
    clearTimeout(this.#releaseTimer)
    if (this.#release !== undefined) this.#releaseTimer = setTimeout(() => void this.#letGo(), this.#release).unref()
  }

  async #letGo(): Promise<void> {
    this.#due = true
    await this.#entering
    if (this.#active === 0 && this.#due) this.#close()
  }

  #close(): void {
    const opened = this.#opened
    if (!opened) return
    this.#opened = undefined
    clearTimeout(this.#releaseTimer)
    opened.writer?.closeSync()
    opened.instance.closeSync()
    if (this.#due) this.#closedAt = performance.now()
    if (this.#broken) this.#tables.clear()
    this.#due = false
    this.#broken = false
    this.#lastState = stateOf(this.#file)
  }
}

function signalOf({ signal }: Patience): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** Changes whenever another process has written to the file, or to its log and was then killed. */
function stateOf(file: string): string {
  return [file, `${file}.wal`]
    .map((path) => {
      const found = statSync(path, { bigint: true, throwIfNoEntry: false })
      return found === undefined ? '-' : `${found.ino} ${found.size} ${found.mtimeNs}`
    })
    .join(' ')
}
