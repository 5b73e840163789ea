import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { whyMissing } from './fetched.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { mavenJars } from './maven-jars.ts'
import { ServerProcess } from './server-process.ts'

/** What an OPC UA server of another make is started with. */
export interface OpcuaTestServerOptions {
  readonly port?: number | undefined
  /** Namespaces before ours, so that its index moves. @defaultValue 0 */
  readonly pad?: number | undefined
  /** Node id of the counter. @defaultValue 'counter' */
  readonly counterId?: string | undefined
  /** Whether the counter is recorded (asyncua only). */
  readonly history?: boolean | undefined
  /** Whether its certificate is out of date. */
  readonly expired?: boolean | undefined
  /** Whether it writes down what its own sampling has looked at (Milo only; asyncua samples nothing). */
  readonly seen?: boolean | undefined
}

/**
 * An OPC UA server: user `mw`, password `mw-secret`; None and Basic256Sha256. Below `plant`: `counter` (one more every 10 ms),
 * `vib`, nodes to write to (`toByte` and others), and `say` and `hot`, which raise events.
 */
export interface OpcuaTestServer {
  readonly url: string
  readonly port: number
  /** File with a line for each value of the counter that a monitored item has looked at, with `seen`; see MiloNode.java. */
  readonly seen: string | undefined
  /** SIGKILL; it can be started again. */
  kill(): Promise<void>
  /** Starts it again on the same port, after `kill`. */
  restart(changes?: OpcuaTestServerOptions): Promise<void>
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

const VERSION = '1.0.5'

export const miloJars = mavenJars({ name: 'Milo', version: VERSION, variable: 'MESSWERK_MILO', needs: 'javac' }, [
  ['org.eclipse.milo', 'milo-sdk-server', VERSION],
  ['org.slf4j', 'slf4j-simple', '2.0.16']
])

/** Starts Eclipse Milo on a free port of 127.0.0.1; the reason where that is not possible. It takes about 5 s. */
export async function startMilo(options: OpcuaTestServerOptions = {}): Promise<OpcuaTestServer | string> {
  const missing = whyMissing(miloJars)
  if (missing !== undefined) return missing
  const classes = compiled()
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-milo-'))
  const port = options.port ?? (await freePort())
  const seen = options.seen ? join(folder, 'seen') : undefined
  const own = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
  if (seen !== undefined) own.push(`-Dmw.seen=${seen}`)
  if (options.expired) own.push('-Dmw.expired=true')
  const start = async ({ pad = 0, counterId = 'counter' }: OpcuaTestServerOptions): Promise<ServerProcess> => {
    const args = [...own, '-cp', `${classes}:${miloJars.classPath}`, 'MiloNode', String(port), String(pad), counterId]
    const server = new ServerProcess(
      findProgram('java') as string,
      args,
      join(folder, `log-${readdirSync(folder).length}`)
    )
    await server.prints('READY', 90_000)
    return server
  }
  let server = await start(options)
  return {
    url: `opc.tcp://127.0.0.1:${port}/mw`,
    port,
    seen,
    kill: () => server.end('SIGKILL'),
    restart: async (changes = {}) => {
      server = await start(Object.assign({}, options, changes))
    },
    stop: async () => {
      await server.end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** Folder of the server's classes, compiled when the program is newer. */
function compiled(): string {
  const program = fileURLToPath(new URL('./MiloNode.java', import.meta.url))
  const folder = join(miloJars.folder, 'classes')
  const main = join(folder, 'MiloNode.class')
  if (!existsSync(main) || statSync(main).mtimeMs < statSync(program).mtimeMs) {
    const args = ['-d', folder, '-cp', miloJars.classPath, program]
    execFileSync(findProgram('javac') as string, args, { stdio: 'pipe' })
  }
  return folder
}
