import { asyncDetectorChecks } from './async-detector-checks.ts'
import type { AsyncDetectorSubject } from './async-detector-subject.ts'
import { declareSuite, type SuiteRunner } from './suite.ts'

/**
 * Declares a test for each rule of the contract of an asynchronous detector. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 * @throws TypeError when there is no test runner
 *
 * @example
 * ```ts
 * import type { AsyncDetectorSpec, Samples } from '@messwerk/core/model'
 * import { asyncDetectorSuite } from '@messwerk/core/testing'
 *
 * const score = async ({ length }: Samples) => new Float64Array(length)
 * const spec: AsyncDetectorSpec = { kind: 'calm', async: true, create: () => ({ lookBack: 0, score }) }
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * asyncDetectorSuite('calm', { spec }, { describe: (_, body) => body(), it })
 * names.length // => 13
 * ```
 */
export function asyncDetectorSuite(name: string, subject: AsyncDetectorSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of an asynchronous detector`, asyncDetectorChecks(subject), runner)
}
