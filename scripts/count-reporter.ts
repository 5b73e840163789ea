import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** What a step of `.ci/run` leaves in the folder `MESSWERK_REPORT`, one JSON file each; `scripts/tally.mjs` adds them up. */
export interface Counts {
  passed: number
  failed: number
  skipped: { name: string; reason: string }[]
  /** What failed, and why. */
  failures?: { name: string; reason: string }[]
  /** Tests that failed and passed when they were run again. */
  flaky?: string[]
}

/** Writes counts for `.ci/run`; does nothing outside of it. */
export function writeCounts(counts: Counts, name = process.env.MESSWERK_STEP ?? 'step'): void {
  const folder = process.env.MESSWERK_REPORT
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(counts))
}

/** A Vitest reporter that counts tests and keeps the reason of every skipped one. */
export function countReporter(): Reporter {
  return { onTestRunEnd: (modules, unhandled) => writeCounts(count(modules, unhandled)) }
}

function count(modules: readonly TestModule[], unhandled: readonly Failure[]): Required<Counts> {
  const counts: Required<Counts> = { passed: 0, failed: 0, skipped: [], failures: [], flaky: [] }
  const fail = (name: string, errors: readonly Failure[] = []): void => {
    counts.failed++
    counts.failures.push({ name, reason: errors[0]?.message?.split('\n')[0] ?? 'no reason given' })
  }
  for (const error of unhandled) fail('outside of a test', [error])
  for (const module of modules) {
    if (module.errors().length > 0) fail(module.relativeModuleId, module.errors())
    for (const test of module.children.allTests()) {
      const result = test.result()
      const name = `${module.relativeModuleId}: ${test.fullName}`
      if (test.diagnostic()?.flaky) counts.flaky.push(name)
      if (result.state === 'passed') counts.passed++
      else if (result.state === 'failed') fail(name, result.errors)
      else counts.skipped.push({ name, reason: reasonOf(result, test.name) })
    }
  }
  return counts
}

interface Failure {
  readonly message?: string
}

/** What a test noted when it skipped itself, or what stands in brackets at the end of its name, where suites put it. */
function reasonOf(result: { note?: string | undefined } | object, name: string): string {
  if ('note' in result && typeof result.note === 'string') return result.note
  return /\((.+)\)$/.exec(name)?.[1] ?? 'no reason given'
}
