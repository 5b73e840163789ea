import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Certificates, makeCertificates } from './certificates.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import { ServerProcess } from './server-process.ts'

export interface MosquittoOptions {
  /** `off` = it queues and sends without limits; `default` = its own: 20 in flight, 1000 queued. @defaultValue 'off' */
  readonly limits?: 'off' | 'default' | undefined
  /** `server` = the broker shows a certificate; `mutual` = clients must too; `expired` = the broker's is out of date. */
  readonly tls?: 'server' | 'mutual' | 'expired' | undefined
  /** Password by name; without it everyone may do everything. */
  readonly users?: Readonly<Record<string, string>> | undefined
  /** Writes each change to disk, so that it survives `kill`; slow. @defaultValue false */
  readonly persistence?: boolean | undefined
  /** @defaultValue a free one */
  readonly port?: number | undefined
  /** Further lines of its configuration. */
  readonly config?: readonly string[] | undefined
}

export interface Mosquitto {
  /** `mqtt://127.0.0.1:port` */
  readonly url: string
  /** `mqtts://127.0.0.1:port`, with `tls`. */
  readonly tlsUrl: string | undefined
  readonly port: number
  readonly certificates: Certificates | undefined
  /** Ends it and removes its files. */
  stop(): Promise<void>
  /** SIGKILL; its files stay. */
  kill(): Promise<void>
  /** Starts it again on the same ports and files; ends it before (SIGTERM), if it runs. */
  restart(): Promise<void>
}

/** Starts a broker of its own on free ports of 127.0.0.1; the reason where that is not possible. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto | string> {
  const program = findProgram('mosquitto')
  if (!program) return 'mosquitto is not installed (Debian: apt-get install mosquitto)'
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-mosquitto-'))
  const certificates = options.tls ? makeCertificates(join(folder, 'certificates')) : undefined
  if (typeof certificates === 'string') return certificates
  const port = options.port ?? (await freePort())
  const tlsPort = options.tls ? await freePort() : undefined
  const config = join(folder, 'mosquitto.conf')
  writePasswords(folder, options.users)
  writeFileSync(config, configOf(options, folder, port, tlsPort, certificates))
  const start = async (): Promise<ServerProcess> => {
    const process = new ServerProcess(program, ['-c', config], join(folder, 'log'))
    await process.listens(port)
    return process
  }
  let server = await start()
  return {
    url: `mqtt://127.0.0.1:${port}`,
    tlsUrl: tlsPort === undefined ? undefined : `mqtts://127.0.0.1:${tlsPort}`,
    port,
    certificates,
    kill: () => server.end('SIGKILL'),
    stop: async () => {
      await server.end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
    restart: async () => {
      await server.end('SIGTERM')
      server = await start()
    }
  }
}

function writePasswords(folder: string, users: Readonly<Record<string, string>> = {}): void {
  const file = join(folder, 'passwords')
  writeFileSync(file, '', { mode: 0o600 })
  const tool = findProgram('mosquitto_passwd')
  for (const [name, password] of Object.entries(users)) {
    execFileSync(tool as string, ['-b', file, name, password], { stdio: 'pipe' })
  }
}

function configOf(
  { limits = 'off', tls, users, persistence = false, config = [] }: MosquittoOptions,
  folder: string,
  port: number,
  tlsPort: number | undefined,
  certificates: Certificates | undefined
): string {
  const lines = ['per_listener_settings false', `allow_anonymous ${users === undefined}`, 'set_tcp_nodelay true']
  if (users) lines.push(`password_file ${join(folder, 'passwords')}`)
  // as root it would become another user, who may not write here
  if (process.getuid?.() === 0) lines.push('user root')
  lines.push(`persistence ${persistence}`)
  if (persistence) lines.push(`persistence_location ${folder}/`, 'autosave_interval 1', 'autosave_on_changes true')
  if (limits === 'off') lines.push('max_inflight_messages 0', 'max_queued_messages 0')
  lines.push(...config, `listener ${port} 127.0.0.1`)
  if (certificates && tlsPort !== undefined) {
    const { cert, key } = tls === 'expired' ? certificates.expired : certificates.server
    lines.push(`listener ${tlsPort} 127.0.0.1`, `cafile ${certificates.ca}`, `certfile ${cert}`, `keyfile ${key}`)
    if (tls === 'mutual') lines.push('require_certificate true')
  }
  return `${lines.join('\n')}\n`
}
