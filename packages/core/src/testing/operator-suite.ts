import { type OperatorSubject, operatorChecks } from './operator-checks.ts'
import { declareSuite, type SuiteRunner } from './suite.ts'

/**
 * Declares a test for each rule of the contract of an operator. A skipped rule shows its reason in the name.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 * @throws TypeError when there is no test runner
 *
 * @example
 * ```ts
 * import { rms } from '@messwerk/core'
 * import { blockOf } from '@messwerk/core/model'
 * import { operatorSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const blocks = [blockOf({ stream: 's', channels: { a: 'V' }, rate: 10 }, { a: [1, 2, 3, 4] })]
 * const subject = { operator: () => rms({ window: '200ms', channels: ['a'] }), blocks }
 * operatorSuite('rms', subject, { describe: (_, body) => body(), it })
 * names.length // => 12
 * ```
 */
export function operatorSuite(name: string, subject: OperatorSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of an operator`, operatorChecks(subject), runner)
}
