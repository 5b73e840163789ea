// Installs what the other scripts need, with the pnpm version that the root package.json pins, and only when something changed.
// `--for demo` installs no more than examples/quickstart needs. Plain JavaScript without dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const stampOf = {
  all: join(root, 'node_modules/.messwerk-setup'),
  demo: join(root, 'node_modules/.messwerk-setup-demo')
}
// who has the full set, even an old one, is not to lose its tools to a demo
const demoOnly = process.argv.includes('demo') && process.argv.includes('--for') && !existsSync(stampOf.all)

requireNode(20, 19)
const fingerprint = fingerprintOf(manifests())
if (!isUpToDate()) {
  for (const stamp of Object.values(stampOf)) rmSync(stamp, { force: true })
  install()
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(demoOnly ? stampOf.demo : stampOf.all, fingerprint)
}

function isUpToDate() {
  const stamps = demoOnly ? [stampOf.all, stampOf.demo] : [stampOf.all]
  return stamps.some((stamp) => existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint)
}

function manifests() {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`)
  )
  return ['.', ...folders.sort(), 'bench']
    .map((folder) => join(root, folder, 'package.json'))
    .filter((file) => existsSync(file))
}

function fingerprintOf(packages) {
  const hash = createHash('sha256').update(process.version)
  for (const file of [join(root, 'pnpm-lock.yaml'), join(root, 'pnpm-workspace.yaml'), ...packages])
    hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

function install() {
  const { pnpm } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies
  const part = demoOnly ? ['--filter', '{./examples/quickstart}...', '--prod'] : []
  const args = ['--yes', `pnpm@${pnpm}`, ...part, 'install', '--frozen-lockfile', '--prefer-offline']
  console.log(
    `Setting up (${demoOnly ? 'what the demo needs' : 'all packages and tools'}, pnpm ${pnpm}; a first time takes a minute or less) ...`
  )
  const started = Date.now()
  const result = run(args)
  if (result.error || result.status !== 0) fail(result, args)
  console.log(`Set up in ${((Date.now() - started) / 1000).toFixed(1)} s.\n`)
}

/** Starts npx without a shell; inside `npm run` it is the one that belongs to this npm. */
function run(args) {
  const npm = process.env.npm_execpath ?? ''
  const [command, first] = npm.endsWith('npm-cli.js')
    ? [process.execPath, [join(dirname(npm), 'npx-cli.js')]]
    : ['npx', []]
  return spawnSync(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

function fail(result, args) {
  console.error(
    `\nSet-up failed: ${result.error?.message ?? `the installation ended with exit code ${result.status}`}.`
  )
  console.error(
    'It needs npm and a reachable npm registry (npm config get registry). To see it again: ' + `npx ${args.join(' ')}`
  )
  process.exit(1)
}

function requireNode(major, minor) {
  const [runningMajor, runningMinor] = process.versions.node.split('.').map(Number)
  if (runningMajor > major || (runningMajor === major && runningMinor >= minor)) return
  console.error(
    `Messwerk needs Node ${major}.${minor} or newer; this is Node ${process.versions.node} (${process.execPath}).`
  )
  process.exit(1)
}
