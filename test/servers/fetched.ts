import { existsSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What must be run to fetch a server, why that is not possible, or nothing where it is there. */
export type Fetching = { readonly file: string; readonly args: readonly string[] } | string | undefined

/** A server that is fetched once, into the cache folder of this user. */
export interface Fetched {
  readonly name: string
  readonly folder: string
  readonly fetching: () => Fetching
  /** Notes that it is all there. */
  readonly note: () => void
}

/**
 * @param variable - of the environment: another folder
 * @param fetch - what must be run to fill this folder
 */
export function fetched(
  { name, version, variable }: { readonly name: string; readonly version: string; readonly variable: string },
  fetch: (folder: string) => Fetching
): Fetched {
  const cache =
    process.env.XDG_CACHE_HOME ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache')
  const folder = process.env[variable] ?? join(cache, 'messwerk', `${name.toLowerCase()}-${version}`)
  const complete = join(folder, 'complete')
  return {
    name,
    folder,
    fetching: () => (existsSync(complete) ? undefined : fetch(folder)),
    note: () => writeFileSync(complete, '')
  }
}

/** Why a server cannot be started; undefined where it is there. */
export function whyMissing({ name, fetching }: Fetched): string | undefined {
  const missing = fetching()
  if (missing === undefined) return undefined
  return typeof missing === 'string'
    ? `${name}: ${missing}`
    : `${name} is not fetched yet: npm run test:services does it`
}
