import { MissingDependencyError } from '@messwerk/core/model'

/**
 * The client library: what `import * as duckdb from '@duckdb/node-api'` gives.
 *
 * @example
 * ```ts
 * import * as duckdb from '@duckdb/node-api'
 * import type { DuckdbLibrary } from '@messwerk/storage/duckdb'
 *
 * const lib: DuckdbLibrary = duckdb
 * typeof lib.DuckDBInstance.fromCache // => 'function'
 * ```
 */
export type DuckdbLibrary = typeof import('@duckdb/node-api')

type Importer = () => Promise<DuckdbLibrary>

/** The library that was given, or the installed one. @throws MissingDependencyError @internal */
export async function loadDuckdb(
  lib: DuckdbLibrary | undefined,
  load: Importer = () => import('@duckdb/node-api')
): Promise<DuckdbLibrary> {
  if (lib) return lib
  try {
    return await load()
  } catch (cause) {
    throw new MissingDependencyError('@duckdb/node-api', 'DuckDB sinks and readers', { cause })
  }
}
