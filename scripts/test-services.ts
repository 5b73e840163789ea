// `npm run test:services`: fetches what these tests need where it can, and tells them the reason where it cannot.
import { existsSync } from 'node:fs'
import { asyncuaPackages } from '../test/servers/asyncua.ts'
import type { Fetched } from '../test/servers/fetched.ts'
import { findProgram } from '../test/servers/find-program.ts'
import { hiveMqJars } from '../test/servers/hivemq.ts'
import { kafkaJars } from '../test/servers/kafka-node.ts'
import { miloJars } from '../test/servers/milo.ts'
import { run } from './steps.ts'

const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
let isUpdated = false

await mosquitto()
await socat()
for (const server of [hiveMqJars, kafkaJars, miloJars, asyncuaPackages]) await fetchOnce(server)
process.exitCode = await run(['vitest', 'run', '--mode', 'services', ...process.argv.slice(2)], await chromium())

/** What `test/chromium.ts` reads: where the browser is, or why there is none. */
async function chromium(): Promise<Record<string, string>> {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  const inPath = (): string | undefined => names.map(findProgram).find((file) => file !== undefined)
  const found = process.env.MESSWERK_CHROMIUM ?? inPath()
  if (found) return { MESSWERK_CHROMIUM: found }
  const why = await install('chromium')
  const installed = inPath()
  if (installed) return { MESSWERK_CHROMIUM: installed }
  return { MESSWERK_NO_CHROMIUM: `no ${names.join(', ')} in PATH; ${why}; or set MESSWERK_CHROMIUM` }
}

/** What `test/servers/mosquitto.ts` starts; it says itself when it is not there. */
async function mosquitto(): Promise<void> {
  if (!findProgram('mosquitto')) await install('mosquitto')
}

/** Makes the pseudo terminals of the amplifier's simulator; its tests say when it is not there. */
async function socat(): Promise<void> {
  if (!findProgram('socat')) await install('socat')
}

/** What `test/servers` starts, in the cache folder of this user; a test of a server that cannot be fetched says why. */
async function fetchOnce({ name, fetching, note }: Fetched): Promise<void> {
  const command = fetching()
  if (command === undefined || typeof command === 'string') return
  console.log(`Fetching ${name} ...`)
  if ((await run([command.file, ...command.args])) === 0) note()
}

/** Installs a package of Debian, as root; returns why it could not. */
async function install(name: string): Promise<string> {
  if (!existsSync('/etc/debian_version') || !findProgram('apt-get')) return `install ${name} by hand`
  if (process.getuid?.() !== 0) return `only root can install it: apt-get install ${name}`
  console.log(`Installing ${name} (apt-get) ...`)
  if (!isUpdated) await run(['apt-get', 'update', '-qq'], quiet)
  isUpdated = true
  const code = await run(['apt-get', 'install', '-y', '-qq', '--no-install-recommends', name], quiet)
  return code === 0 ? 'installed' : `apt-get could not install ${name}`
}
