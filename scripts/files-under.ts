import { readdirSync } from 'node:fs'

const neverEntered = new Set(['node_modules', 'dist', 'out', '.git', '.cache', 'generated-examples'])

/** Files below `folder` as sorted `/`-separated relative paths; build output and installed packages are not entered by default. */
export function filesUnder(
  folder: string,
  wanted: (path: string) => boolean,
  skipped: ReadonlySet<string> = neverEntered
): string[] {
  const found: string[] = []
  const visit = (path: string): void => {
    for (const entry of readdirSync(`${folder}/${path}`, { withFileTypes: true })) {
      const child = path ? `${path}/${entry.name}` : entry.name
      if (entry.isDirectory() && !skipped.has(entry.name)) visit(child)
      else if (entry.isFile() && wanted(child)) found.push(child)
    }
  }
  visit('')
  return found.sort()
}
