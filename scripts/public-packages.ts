import { readdirSync, readFileSync } from 'node:fs'
import { root } from './steps.ts'

/** A package of this workspace that is published. */
export interface PublicPackage {
  readonly name: string
  /** Relative to the root, as in `packages/core`. */
  readonly folder: string
  /** Import specifier of each entry (`@messwerk/core/model`) and its source file. */
  readonly entries: ReadonlyMap<string, string>
  readonly optionalPeers: readonly string[]
}

interface Manifest {
  name: string
  private?: boolean
  exports: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

/** The packages that are published, as their `package.json` describe them. */
export function publicPackages(): PublicPackage[] {
  return readdirSync(`${root}/packages`)
    .map((name) => describe(`packages/${name}`))
    .filter((found) => found !== undefined)
}

function describe(folder: string): PublicPackage | undefined {
  const manifest = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as Manifest
  if (manifest.private) return undefined
  const sources = Object.entries(manifest.exports).filter(([, file]) => file.endsWith('.ts'))
  const entries = new Map(sources.map(([subpath, file]) => [manifest.name + subpath.slice(1), folder + file.slice(1)]))
  const peers = Object.entries(manifest.peerDependenciesMeta ?? {}).filter(([, { optional }]) => optional)
  return { name: manifest.name, folder, entries, optionalPeers: peers.map(([peer]) => peer) }
}
