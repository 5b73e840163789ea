import { rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StorageError } from '@messwerk/core/model'
import { duckdbError } from './duckdb-errors.ts'
import type { SharedDatabase } from './shared-database.ts'
import { name, text } from './sql.ts'

/** Copies all tables as of one instant into another file, then puts it in place. @internal */
export async function exportDatabase(database: SharedDatabase, path: string, to: string, wait: number): Promise<void> {
  if (typeof to !== 'string' || to === '')
    throw new TypeError(`exportTo: path must be the name of a file, got ${String(to)}`)
  const target = resolve(to)
  if (target === resolve(path))
    throw new RangeError(`exportTo: path must be another file than the database, got '${to}'`)
  if (!(await stat(dirname(target)).catch(() => undefined))?.isDirectory()) {
    throw new StorageError(to, `the folder '${dirname(target)}' does not exist`, false)
  }
  const part = `${target}.${process.pid}.part`
  try {
    await rm(part, { force: true })
    await copyAll(database, part, wait)
    await rename(part, target)
  } catch (error) {
    await rm(part, { force: true })
    await rm(`${part}.wal`, { force: true })
    throw duckdbError(to, error, 'the copy could not be written')
  }
}

async function copyAll(database: SharedDatabase, part: string, wait: number): Promise<void> {
  await database.read({ wait }, async (connection) => {
    const [[source]] = (await (await connection.run('SELECT current_database()')).getRowsJS()) as [[string]]
    await connection.run(`ATTACH ${text(part)} AS copied`)
    try {
      await connection.run(`COPY FROM DATABASE ${name(source)} TO copied`)
    } finally {
      await connection.run('DETACH copied')
    }
  })
}
