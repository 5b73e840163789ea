import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetched, whyMissing } from './fetched.ts'
import { findProgram } from './find-program.ts'
import { freePort } from './free-port.ts'
import type { OpcuaTestServer, OpcuaTestServerOptions } from './milo.ts'
import { ServerProcess } from './server-process.ts'

const VERSION = '2.1.0'
const NAME =
  'subjectAltName=URI:urn:mw:test:asyncua,DNS:localhost,IP:127.0.0.1\n' +
  'keyUsage=digitalSignature,keyEncipherment,nonRepudiation,dataEncipherment\nextendedKeyUsage=serverAuth,clientAuth\n'

export const asyncuaPackages = fetched(
  { name: 'asyncua', version: VERSION, variable: 'MESSWERK_ASYNCUA' },
  (folder) => {
    const python = findProgram('python3')
    if (!python) return 'python3 is not installed'
    if (!existsSync(join(folder, 'bin/pip'))) {
      mkdirSync(folder, { recursive: true })
      try {
        execFileSync(python, ['-m', 'venv', folder], { stdio: 'pipe' })
      } catch {
        return 'python3 cannot make a virtual environment'
      }
    }
    return { file: join(folder, 'bin/pip'), args: ['install', '-q', `asyncua==${VERSION}`] }
  }
)

/** Starts asyncua on a free port of 127.0.0.1; the reason where that is not possible. It takes about 3 s. */
export async function startAsyncua(options: OpcuaTestServerOptions = {}): Promise<OpcuaTestServer | string> {
  const missing = whyMissing(asyncuaPackages)
  if (missing !== undefined) return missing
  const openssl = findProgram('openssl')
  if (!openssl) return 'openssl is not installed'
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-asyncua-'))
  makeCertificate(openssl, folder, options.expired === true)
  const port = options.port ?? (await freePort())
  const program = fileURLToPath(new URL('./asyncua_server.py', import.meta.url))
  const start = async ({ pad = 0, counterId = 'counter', history }: OpcuaTestServerOptions): Promise<ServerProcess> => {
    const own = [
      program,
      String(port),
      join(folder, 'server.der'),
      join(folder, 'server-key.pem'),
      String(pad),
      counterId
    ]
    const log = join(folder, `log-${readdirSync(folder).length}`)
    const server = new ServerProcess(
      join(asyncuaPackages.folder, 'bin/python'),
      history ? [...own, 'history'] : own,
      log
    )
    await server.prints('READY', 60_000)
    return server
  }
  let server = await start(options)
  return {
    url: `opc.tcp://127.0.0.1:${port}/mw/`,
    port,
    seen: undefined,
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

function makeCertificate(openssl: string, folder: string, isExpired: boolean): void {
  const file = (name: string): string => join(folder, name)
  const run = (...args: readonly string[]): void => void execFileSync(openssl, args, { stdio: 'pipe' })
  writeFileSync(file('extensions'), NAME)
  const request = ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=asyncua']
  run(...request, '-keyout', file('server-key.pem'), '-out', file('server.csr'))
  // a negative number of days ends before it begins; openssl 3.0 has no way to name the dates here
  const days = ['-days', isExpired ? '-1' : '30', '-extfile', file('extensions')]
  run(
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    '-signkey',
    file('server-key.pem'),
    ...days,
    '-outform',
    'DER',
    '-out',
    file('server.der')
  )
}
