// The reference values once more, in a fresh Python environment with the versions that the fixtures name.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProgram } from '../../../test/servers/find-program.ts'

const source = import.meta.dirname
const scripts = join(source, '..', 'scripts')
const folder = mkdtempSync(join(tmpdir(), 'messwerk-references-'))
const python = join(folder, 'venv', 'bin', 'python')
/** The authors' program, which is not ours to copy. */
const SPOT = 'reference-spot.py'
/** Why the scripts cannot be run here. */
let missing: string | undefined

const fixtures = readdirSync(source)
  .flatMap((name) => ['reference.json', 'spot.json'].map((file) => join(name, 'fixtures', file)))
  .flatMap((path) => (textOf(source, path) === undefined ? [] : [path]))

beforeAll(async () => {
  missing = await prepare()
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('reference values', () => {
  for (const script of readdirSync(scripts).filter((file) => /^reference.*\.py$/.test(file)))
    it(`${script} makes the committed ones`, { timeout: 300_000 }, async (test) => {
      if (missing !== undefined) return test.skip(missing)
      const spot = process.env.MESSWERK_SPOT
      if (script === SPOT && spot === undefined)
        return test.skip(`${SPOT} needs the authors' spot.py (GPL, not copied here): set MESSWERK_SPOT to its path`)
      const out = join(folder, script)
      const failed = await run(python, [join(scripts, script), ...(script === SPOT ? [spot as string] : []), out])
      expect(failed).toBeUndefined()
      const made = fixtures.filter((path) => textOf(out, path) !== undefined)
      expect(made).not.toEqual([])
      for (const path of made) expectNear(JSON.parse(textOf(out, path)!), JSON.parse(textOf(source, path)!), path)
      done.push(...made)
    })

  it('are all made by one of the scripts', (test) => {
    if (missing !== undefined) return test.skip(missing)
    const expected = fixtures.filter((path) => process.env.MESSWERK_SPOT !== undefined || !path.endsWith('spot.json'))
    expect(done.toSorted()).toEqual(expected.toSorted())
  })
})
const done: string[] = []

async function prepare(): Promise<string | undefined> {
  const system = findProgram('python3')
  if (!system) return 'no python3 in PATH'
  const venv = await run(system, ['-m', 'venv', join(folder, 'venv')])
  if (venv !== undefined) return `python3 -m venv failed: ${venv}`
  const wanted = packages()
  const pip = await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...wanted])
  return pip && `pip install ${wanted.join(' ')} failed: ${pip}`
}

/** What the fixtures say that they were made with. */
function packages(): readonly string[] {
  const versions = new Map<string, string>()
  for (const path of fixtures)
    for (const [, name, version] of textOf(source, path)!.matchAll(
      /(numpy|scipy|scikit-learn|river|stumpy)(?:": ")? ?(\d+\.\d+\.\d+)/g
    )) {
      if ((versions.get(name!) ?? version) !== version)
        throw new Error(`fixtures name two versions of ${name}: ${versions.get(name!)} and ${version} in ${path}`)
      versions.set(name!, version!)
    }
  return Array.from(versions, ([name, version]) => `${name}==${version}`)
}

function textOf(root: string, path: string): string | undefined {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Resolves with the last line of what went wrong. */
function run(file: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }
    execFile(file, args, { timeout: 580_000, maxBuffer: 2 ** 26, env }, (error, _out, err) => {
      resolve(error === null ? undefined : (err.trim() || error.message).split('\n').at(-1))
    })
  })
}

/** The same shape and texts; numbers within 1e-9, relative above 1. */
function expectNear(made: unknown, committed: unknown, path: string): void {
  if (typeof made === 'number' && typeof committed === 'number') {
    const apart = Math.abs(made - committed)
    expect(apart, `${path}: ${made}, committed ${committed}`).toBeLessThanOrEqual(
      1e-9 * Math.max(1, Math.abs(committed))
    )
  } else if (typeof made === 'object' && made !== null && typeof committed === 'object' && committed !== null) {
    expect(Object.keys(made), path).toEqual(Object.keys(committed))
    for (const [key, value] of Object.entries(made))
      expectNear(value, (committed as Record<string, unknown>)[key], `${path}.${key}`)
  } else expect(made, path).toBe(committed)
}
