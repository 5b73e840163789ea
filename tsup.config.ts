import { readdirSync, readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

/**
 * Every package is built alike: its `exports` and `bin` name the entries, and `x.thread.ts` is one, which a worker runs;
 * `src/x/index.ts` becomes `dist/x/index.js` and `.d.ts`.
 */
export default defineConfig(
  readdirSync('packages')
    .map((name) => ({ name, entry: entriesOf(`packages/${name}`) }))
    .filter(({ entry }) => Object.keys(entry).length > 0)
    .map(({ name, entry }) => ({
      name,
      entry,
      outDir: `packages/${name}/dist`,
      format: 'esm',
      target: 'es2022',
      platform: 'neutral',
      external: [/^node:/, /^[^./]/],
      splitting: true,
      treeshake: true,
      dts: true,
      clean: true,
      silent: true
    }))
)

function entriesOf(folder: string): Record<string, string> {
  const { exports, bin = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    exports: Record<string, string>
    bin?: Record<string, string>
  }
  const threads = readdirSync(`${folder}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.thread.ts'))
    .map((file) => `./src/${file.replaceAll('\\', '/')}`)
  const sources = Object.values(exports)
    .concat(Object.values(bin), threads)
    .filter((file) => file.startsWith('./src/'))
  return Object.fromEntries(sources.map((file) => [file.slice('./src/'.length, -'.ts'.length), folder + file.slice(1)]))
}
