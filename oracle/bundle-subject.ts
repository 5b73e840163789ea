import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Compiles the process under test into one file, so that a restart costs what it costs a user, not a compiler's time.
 *
 * @returns its path, alone in a folder that the caller removes
 */
export async function bundleSubject(name: 'subject' | 'gsv-device'): Promise<string> {
  const folder = join(import.meta.dirname, 'out')
  mkdirSync(folder, { recursive: true })
  const outfile = join(mkdtempSync(join(folder, `${name}-`)), `${name}.mjs`)
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@duckdb/node-api', 'mqtt', 'kafkajs', 'serialport'],
    banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
    logLevel: 'error'
  })
  return outfile
}
