/**
 * The part of a test runner that suites use; vitest, jest, mocha and `node:test` all have it.
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test'
 * import type { SuiteRunner } from '@messwerk/core/testing'
 *
 * const runner: SuiteRunner = { describe, it }
 * typeof runner.it // => 'function'
 * ```
 */
export interface SuiteRunner {
  /** Groups tests. */
  readonly describe: (name: string, body: () => void) => unknown
  /** Declares a test. */
  readonly it: ((name: string, body: () => void | Promise<void>) => unknown) & {
    /** Declares a test that does not run. */
    readonly skip: (name: string, body: () => void | Promise<void>) => unknown
  }
}

/**
 * One rule of a contract, ready to run: `run` throws (or rejects with) an AssertionError when the rule is broken.
 *
 * @example
 * ```ts
 * import type { Check } from '@messwerk/core/testing'
 *
 * const check: Check = { name: 'S1 is cold', run: () => {} }
 * check.name // => 'S1 is cold'
 * ```
 */
export interface Check {
  /** Begins with the number of the rule. */
  readonly name: string
  /** Why the subject is excused, if it is. */
  readonly skip?: string | undefined
  /** Throws or rejects when the rule is broken. */
  readonly run: () => void | Promise<void>
}

/**
 * Reasons by rule number for what an adapter cannot keep; its page says the same.
 *
 * @example
 * ```ts
 * import type { Skips } from '@messwerk/core/testing'
 *
 * const skip: Skips = { S8: 'a serial port cannot be read again' }
 * Object.keys(skip) // => ['S8']
 * ```
 */
export type Skips = Readonly<Record<string, string>>

/** The rules of a contract as checks of one subject. @internal */
export function* checksOf<T>(
  rules: Readonly<Record<string, (on: T) => void | Promise<void>>>,
  on: T,
  skip: Skips = {}
): Generator<Check> {
  for (const [name, rule] of Object.entries(rules)) {
    yield { name, skip: skip[name.split(' ')[0] as string], run: () => rule(on) }
  }
}

/** Declares a test for each check; a skipped one shows its reason in the name. @internal */
export function declareSuite(name: string, checks: Iterable<Check>, runner: SuiteRunner | undefined): void {
  const { describe, it } = runner ?? globalRunner(name)
  describe(name, () => {
    for (const check of checks) {
      if (check.skip === undefined) it(check.name, check.run)
      else it.skip(`${check.name} (${check.skip})`, check.run)
    }
  })
}

function globalRunner(name: string): SuiteRunner {
  const { describe, it } = globalThis as Partial<SuiteRunner>
  if (describe && it) return { describe, it }
  throw new TypeError(`${name}: runner must be { describe, it } where the test runner does not make them global`)
}
