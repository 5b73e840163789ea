// `npm run mutants [-- <part of a name> ...]`: plants each bug of mutants/*.patch in a copy of the workspace and expects the
// tests that the patch names to fail within 20 s. The tests must pass without a patch, and every patch must apply.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Mutant, mutantsIn } from './mutant.ts'
import { runTests } from './test-run.ts'
import { WorkspaceCopy } from './workspace-copy.ts'

const LIMIT_MS = 20_000
const UNPATCHED_LIMIT_MS = 300_000

interface Row {
  readonly name: string
  readonly outcome: string
  readonly seconds: number | undefined
  readonly isCaught: boolean
}

const here = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const mutants = mutantsIn(here).filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
if (mutants.length === 0) throw new RangeError(`no mutant is named ${wanted.join(', ')}`)

const copy = new WorkspaceCopy(join(here, '..'))
let isGood = false
try {
  isGood = await passUnpatched(copy.folder, mutants)
  if (isGood) isGood = report(await plantAll(copy.folder, mutants))
} finally {
  copy.remove()
}
process.exitCode = isGood ? 0 : 1

async function passUnpatched(folder: string, all: readonly Mutant[]): Promise<boolean> {
  const files = [...new Set(all.flatMap(({ tests }) => tests))]
  const { passed, failed, broken, seconds, isTimeout } = await runTests(folder, files, UNPATCHED_LIMIT_MS, false)
  for (const line of failed.concat(broken)) console.error(`fails without a patch: ${line}`)
  if (isTimeout) console.error(`no end without a patch after ${UNPATCHED_LIMIT_MS / 1000} s`)
  const isPassed = passed > 0 && failed.length === 0 && broken.length === 0
  if (isPassed)
    console.log(`without a patch: ${passed} tests of ${files.length} files pass in ${seconds.toFixed(1)} s\n`)
  return isPassed
}

async function plantAll(folder: string, all: readonly Mutant[]): Promise<Row[]> {
  const rows: Row[] = []
  for (const mutant of all) {
    const row = await plant(folder, mutant)
    console.log(`${row.isCaught ? 'caught' : 'MISSED'}  ${mutant.name}: ${mutant.bug}`)
    rows.push(row)
  }
  return rows
}

async function plant(folder: string, mutant: Mutant): Promise<Row> {
  const { name, changes, tests } = mutant
  const before = changes.map((file): [string, string] => [join(folder, file), readFileSync(join(folder, file), 'utf8')])
  const error = apply(folder, mutant)
  if (error) return { name, outcome: `the patch does not apply: ${error}`, seconds: undefined, isCaught: false }
  try {
    return { name, ...(await outcomeOf(folder, tests)) }
  } finally {
    for (const [file, text] of before) writeFileSync(file, text)
  }
}

/** Runs the test files one after the other until one notices. */
async function outcomeOf(folder: string, tests: readonly string[]): Promise<Omit<Row, 'name'>> {
  let spent = 0
  for (const test of tests) {
    const { failed, broken, seconds, isTimeout } = await runTests(folder, [test], LIMIT_MS - spent * 1000, true)
    spent += seconds
    if (failed[0] !== undefined) return { outcome: failed[0], seconds: spent, isCaught: true }
    const why = isTimeout ? `no answer in ${LIMIT_MS / 1000} s` : broken[0]
    if (why !== undefined) return { outcome: why, seconds: spent, isCaught: false }
  }
  return { outcome: 'not caught: all tests pass', seconds: spent, isCaught: false }
}

function apply(folder: string, { file }: Mutant): string | undefined {
  // the folder is in no repository; without this git would look for one above it
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) }
  const { status, stderr, error } = spawnSync('git', ['apply', '--whitespace=nowarn', file], { cwd: folder, env })
  if (error) return error.message
  return status === 0 ? undefined : String(stderr).trim().split('\n')[0]
}

function report(rows: readonly Row[]): boolean {
  const width = Math.max(...rows.map(({ name }) => name.length))
  console.log(`\n${'mutant'.padEnd(width)}   s    caught by`)
  for (const { name, seconds, outcome, isCaught } of rows) {
    const time = (seconds?.toFixed(1) ?? '-').padStart(5)
    console.log(`${name.padEnd(width)} ${time}  ${isCaught ? '' : 'MISSED: '}${outcome}`)
  }
  const caught = rows.filter((row) => row.isCaught).length
  console.log(`\n${caught} of ${rows.length} mutants caught`)
  return caught === rows.length
}
