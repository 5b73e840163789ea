import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { filesUnder } from './files-under.ts'
import { type PublicPackage, publicPackages } from './public-packages.ts'
import { root } from './steps.ts'

const start = promisify(execFile)

/** All that an install of any of our packages may bring along: RxJS, fflate and ml-matrix, and the packages that these need. */
const expected = new Set([
  'rxjs',
  'tslib',
  'fflate',
  'ml-matrix',
  'is-any-array',
  'ml-array-max',
  'ml-array-min',
  'ml-array-rescale'
])

/** Entries that are there for an optional peer: without it they must say its name. */
const madeFor = new Map([['@messwerk/core/testing/arbitraries', 'fast-check']])

/** What loading an entry does not show: that a file which runs in a thread of its own is in the package, and found. */
const ownThreads = new Map([
  [
    '@messwerk/gsv-driver',
    `const { gsvSource } = await import('@messwerk/gsv-driver')
     const amplifier = (await import('@messwerk/gsv-driver/simulator')).simulateGsv()
     const source = gsvSource({ url: await amplifier.listen(), reader: 'worker' })
     for await (const { blocks } of source.read({ signal: new AbortController().signal, from: {} })) if (blocks[0]) break
     await amplifier.close()`
  ],
  [
    '@messwerk/detectors/models',
    // train goes on without a thread where there is none, and says nothing
    `const { autoencoder, samples } = await import('@messwerk/detectors')
     const { train } = await import('@messwerk/detectors/models')
     let told = 'no thread was begun'
     process.on('worker', (worker) => worker.on('message', ({ kind }) => (told = kind)))
     const a = Array.from({ length: 200 }, (_, i) => Math.sin(i))
     await train(autoencoder({ hidden: [1], epochs: 1 }), samples({ a, b: a }))
     if (told !== 'trained') throw new Error('train has not run in a thread of its own: ' + told)`
  ]
])

/**
 * Installs the packed tarballs into empty folders as a user would, core alone and core with each other package, with npm and
 * pnpm. Returns what is wrong: a package nobody asked for, a native module, an install script, an entry that does not load
 * (its optional peers are absent) by `import` or by `require`, a thread that does not run.
 */
export async function installCheck(tarballs: ReadonlyMap<string, string>): Promise<string[]> {
  const packages = publicPackages()
  const core = packages.find(({ name }) => name === '@messwerk/core')!
  const problems: string[] = []
  for (const other of packages) {
    const needed = packages.filter(({ name }) => dependenciesOf(other).includes(name))
    const installed = [...new Set([core, ...needed, other])]
    for (const installer of [installWithNpm, installWithPnpm]) {
      const title = `${installed.map(({ name }) => name).join(' + ')} with ${installer === installWithNpm ? 'npm' : 'pnpm'}`
      const found = await problemsOf(installed, tarballs, installer).catch((error: Error) => [error.message])
      problems.push(...found.map((problem) => `${title}: ${problem}`))
    }
  }
  return problems
}

function dependenciesOf({ folder }: PublicPackage): string[] {
  const manifest = JSON.parse(readFileSync(`${root}/${folder}/package.json`, 'utf8')) as { dependencies?: object }
  return Object.keys(manifest.dependencies ?? {})
}

type Installer = (folder: string, tarballs: ReadonlyMap<string, string>) => Promise<unknown>

async function problemsOf(
  packages: readonly PublicPackage[],
  tarballs: ReadonlyMap<string, string>,
  install: Installer
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-install-'))
  try {
    await install(folder, new Map(packages.map(({ name }) => [name, tarballs.get(name)!])))
    return [...problemsInTree(folder), ...(await problemsOnLoading(folder, packages))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function installWithNpm(folder: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  writeFileSync(`${folder}/package.json`, '{ "private": true }')
  await start('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs.values()], { cwd: folder })
}

async function installWithPnpm(folder: string, tarballs: ReadonlyMap<string, string>): Promise<void> {
  const files = Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`]))
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, dependencies: files }))
  writeFileSync(`${folder}/pnpm-workspace.yaml`, JSON.stringify({ packages: ['.'], overrides: files }))
  await start(`${root}/node_modules/.bin/pnpm`, ['install', '--prefer-offline', '--no-frozen-lockfile'], {
    cwd: folder
  })
}

/** Looks at every installed package, however deep; also finds those that pnpm keeps in its own folder. */
export function problemsInTree(folder: string): string[] {
  const problems: string[] = []
  for (const file of everythingIn(`${folder}/node_modules`)) {
    if (file.endsWith('.node')) problems.push(`native module ${file}`)
    const name = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(`node_modules/${file}`)?.[1]
    if (!name) continue
    if (!name.startsWith('@messwerk/') && !expected.has(name)) problems.push(`installs ${name}, which nobody asked for`)
    const { scripts = {} } = JSON.parse(readFileSync(`${folder}/node_modules/${file}`, 'utf8')) as {
      scripts?: Record<string, string>
    }
    const hooks = ['preinstall', 'install', 'postinstall'].filter((hook) => hook in scripts)
    if (hooks.length > 0) problems.push(`${name} runs a script on installation: ${hooks.join(', ')}`)
  }
  return [...new Set(problems)]
}

function everythingIn(folder: string): string[] {
  return existsSync(folder) ? filesUnder(folder, (path) => /\.node$|\/package\.json$/.test(path), new Set()) : []
}

/** Loads every entry, by `import` and by `require`, each in a process of its own. */
async function problemsOnLoading(folder: string, packages: readonly PublicPackage[]): Promise<string[]> {
  const problems: string[] = []
  for (const entry of packages.flatMap(({ entries }) => [...entries.keys()])) {
    const inThread = ownThreads.has(entry) ? [ownThreads.get(entry)!] : []
    for (const program of [`await import('${entry}')`, `require('${entry}')`, ...inThread]) {
      const type = program.startsWith('require') ? 'commonjs' : 'module'
      const failure = await start(process.execPath, [`--input-type=${type}`, '-e', program], { cwd: folder }).then(
        () => undefined,
        (error: { stderr?: string; message: string }) => /^\w*Error.*$/m.exec(error.stderr ?? '')?.[0] ?? error.message
      )
      const peer = madeFor.get(entry)
      if (peer && !failure?.includes(`'${peer}'`)) problems.push(`${program} does not say that it needs ${peer}`)
      if (!peer && failure) problems.push(`${program} fails without its optional peers: ${failure}`)
    }
  }
  return problems
}
