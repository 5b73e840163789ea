import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { ServerProcess } from './server-process.ts'

export interface HiveMqOptions {
  /** `default` = its own: receive maximum 10, 1000 queued. @defaultValue 'default' */
  readonly limits?: 'off' | 'default' | undefined
}

export interface HiveMq {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

const ARTIFACT = { group: 'com.hivemq', name: 'hivemq-community-edition-embedded', version: '2025.5' }
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
const OPENS = [
  'java.base/java.lang',
  'java.base/java.nio',
  'java.base/sun.nio.ch',
  'jdk.management/com.sun.management.internal'
]
const NO_LIMITS =
  '<queued-messages><max-queue-size>100000</max-queue-size></queued-messages>' +
  '<receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>'

/** Where its jars lie, outside of the repository. */
function hiveMqFolder(): string {
  const cache =
    process.env.XDG_CACHE_HOME ?? join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache')
  return process.env.MESSWERK_HIVEMQ ?? join(cache, 'messwerk', `hivemq-${ARTIFACT.version}`)
}

/** What must be run to fetch it, or the reason why it cannot be; undefined when it is there. */
export function hiveMqInstallation(): { readonly file: string; readonly args: readonly string[] } | string | undefined {
  const folder = hiveMqFolder()
  if (existsSync(join(folder, 'complete'))) return undefined
  if (!findProgram('java')) return 'java is not installed'
  const maven = findProgram('mvn')
  if (!maven) return 'mvn is not installed'
  mkdirSync(folder, { recursive: true })
  const { group, name, version } = ARTIFACT
  const dependency = `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  const project = `<modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>test</artifactId><version>1</version>`
  writeFileSync(join(folder, 'pom.xml'), `<project>${project}<dependencies>${dependency}</dependencies></project>`)
  const args = ['-q', '-B', '-f', join(folder, 'pom.xml'), COPY, '-DincludeScope=runtime']
  return { file: maven, args: [...args, `-DoutputDirectory=${join(folder, 'libs')}`] }
}

/** Notes that the jars are all there. */
export function hiveMqInstalled(): void {
  writeFileSync(join(hiveMqFolder(), 'complete'), '')
}

/** Starts HiveMQ CE on a free port of 127.0.0.1; the reason where that is not possible. It takes about 10 s. */
export async function startHiveMq({ limits = 'default' }: HiveMqOptions = {}): Promise<HiveMq | string> {
  const missing = hiveMqInstallation()
  if (missing !== undefined) {
    return typeof missing === 'string'
      ? `HiveMQ: ${missing}`
      : 'HiveMQ is not fetched yet: npm run test:services does it'
  }
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-hivemq-'))
  const port = await freePort()
  const flags = ['-Xmx256m', ...OPENS.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`])]
  const exported = ['--add-exports', 'java.base/jdk.internal.misc=ALL-UNNAMED']
  const program = fileURLToPath(new URL('./HmqNode.java', import.meta.url))
  const own = [program, folder, String(port), limits === 'off' ? NO_LIMITS : '']
  const args = [...flags, ...exported, '-cp', join(hiveMqFolder(), 'libs', '*'), ...own]
  const server = new ServerProcess(findProgram('java') as string, args, join(folder, 'log'))
  await server.prints('READY', 90_000)
  await server.listens(port)
  return {
    url: `mqtt://127.0.0.1:${port}`,
    port,
    stop: async () => {
      await server.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
