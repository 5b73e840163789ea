// Bundles the page and serves it: npx tsx serve.ts, then open what it prints.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const types = {
  'index.html': 'text/html',
  'page.js': 'text/javascript',
  'pump.csv': 'text/csv',
  'scores.csv': 'text/csv'
}
const models = { 'forest.mwz': 'application/zip', 'autoencoder.mwz': 'application/zip' }
const files: ReadonlyMap<string, string> = new Map(Object.entries({ ...types, ...models }))

const here = import.meta.dirname

/** Only these files, only to this computer; port 0 = any that is free. */
export async function serve(port: number): Promise<{ url: string; close: () => void }> {
  const page = await bundle()
  const server = createServer((request, response) => {
    const name = request.url === '/' ? 'index.html' : request.url!.slice(1)
    const type = files.get(name)
    if (type === undefined) response.writeHead(404).end()
    else response.setHeader('content-type', type).end(name === 'page.js' ? page : readFileSync(`${here}/${name}`))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close }
}

/** Runtimes stay outside: these models need none. */
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [`${here}/page.ts`],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'esm',
    external: ['onnxruntime-node', 'onnxruntime-web', 'node:*']
  })
  return outputFiles[0]!.contents
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { url } = await serve(Number(process.env.PORT ?? 8080))
  console.log(`open ${url}`)
}
