// `npm run test:services`: fetches what these tests need where it can, and tells them the reason where it cannot.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './steps.ts'

process.exitCode = await run(['vitest', 'run', '--mode', 'services', ...process.argv.slice(2)], await chromium())

/** What `test/chromium.ts` reads: where the browser is, or why there is none. */
async function chromium(): Promise<Record<string, string>> {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const found = process.env.MESSWERK_CHROMIUM ?? inPath(names)
  if (found) return { MESSWERK_CHROMIUM: found }
  const isDebian = existsSync('/etc/debian_version') && inPath(['apt-get']) !== undefined
  if (!isDebian) return { MESSWERK_NO_CHROMIUM: `no ${names.join(', ')} in PATH; set MESSWERK_CHROMIUM` }
  if (process.getuid?.() !== 0)
    return { MESSWERK_NO_CHROMIUM: 'no chromium in PATH, and only root can install it: apt-get install chromium' }
  console.log('Installing chromium (apt-get) ...')
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
  await run(['apt-get', 'update', '-qq'], quiet)
  await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet)
  const installed = inPath(names)
  return installed ? { MESSWERK_CHROMIUM: installed } : { MESSWERK_NO_CHROMIUM: 'apt-get could not install chromium' }
}

function inPath(names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file))
}
