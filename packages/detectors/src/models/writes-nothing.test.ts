// Loading writes nothing: shown in a process that may not.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { bytes } from './fixtures/pump.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'messwerk-loads-')))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const program = `
import { writeFileSync } from 'node:fs'
import { fuzzBundles, fuzzFiles } from './fixtures/fuzz-bundles.ts'
import { loadModel } from './load-model.ts'
let refusal = 'none'
try { writeFileSync('here.txt', 'x') } catch (error) { refusal = error.code }
const model = await loadModel(process.argv[2])
const { untyped, loaded, rounds } = await fuzzBundles(await fuzzFiles(), 200, 5_000_000)
console.log(JSON.stringify({ refusal, way: model.way, untyped, loaded: loaded > 3, rounds }))
`

it('a model file, whole or damaged', { timeout: 60_000 }, async () => {
  const [script, file] = [join(folder, 'program.mjs'), join(folder, 'pump.mwz')]
  writeFileSync(file, bytes)
  const stdin = { contents: program, resolveDir: import.meta.dirname, loader: 'ts' } as const
  await build({ stdin, bundle: true, outfile: script, format: 'esm', platform: 'node', logLevel: 'silent' })
  const files = readdirSync(folder)
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission'
  const args = [permission, '--allow-fs-read=*', '--no-warnings', script, file]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: {} })
  expect(JSON.parse(stdout)).toEqual({
    refusal: 'ERR_ACCESS_DENIED',
    way: 'native',
    untyped: [],
    loaded: true,
    rounds: 200
  })
  expect(readdirSync(folder)).toEqual(files)
})
