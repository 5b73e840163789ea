import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { whyMissing } from './fetched.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { mavenJars } from './maven-jars.ts'
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

const VERSION = '2025.5'
const OPENS = [
  'java.base/java.lang',
  'java.base/java.nio',
  'java.base/sun.nio.ch',
  'jdk.management/com.sun.management.internal'
]
const NO_LIMITS =
  '<queued-messages><max-queue-size>100000</max-queue-size></queued-messages>' +
  '<receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>'

export const hiveMqJars = mavenJars({ name: 'HiveMQ', version: VERSION, variable: 'MESSWERK_HIVEMQ', needs: 'java' }, [
  ['com.hivemq', 'hivemq-community-edition-embedded', VERSION]
])

/** Starts HiveMQ CE on a free port of 127.0.0.1; the reason where that is not possible. It takes about 10 s. */
export async function startHiveMq({ limits = 'default' }: HiveMqOptions = {}): Promise<HiveMq | string> {
  const missing = whyMissing(hiveMqJars)
  if (missing !== undefined) return missing
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-hivemq-'))
  const port = await freePort()
  const flags = ['-Xmx256m', ...OPENS.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`])]
  const exported = ['--add-exports', 'java.base/jdk.internal.misc=ALL-UNNAMED']
  const program = fileURLToPath(new URL('./HmqNode.java', import.meta.url))
  const own = [program, folder, String(port), limits === 'off' ? NO_LIMITS : '']
  const args = [...flags, ...exported, '-cp', hiveMqJars.classPath, ...own]
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
