import { detectorChecks } from './detector-checks.ts'
import type { DetectorSubject } from './detector-subject.ts'
import { declareSuite, type SuiteRunner } from './suite.ts'

export type { SuiteRunner } from './suite.ts'

/**
 * Declares a test for each rule of the contract of a detector. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 * @throws TypeError when there is no test runner
 *
 * @example
 * ```ts
 * import { robustZ } from '@messwerk/detectors'
 * import { detectorSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * detectorSuite('robustZ', { spec: robustZ() }, { describe: (_, body) => body(), it })
 * names.length // => 19
 * ```
 */
export function detectorSuite(name: string, subject: DetectorSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a detector`, detectorChecks(subject), runner)
}
