import { ESLint } from 'eslint'
import { describe, expect, it } from 'vitest'

/** Every house rule, broken on purpose: [what the rule forbids, the file it happens in, the code, the rule that must fire]. */
const broken: [string, string, string, string][] = [
  ['the model imports another folder', 'core/src/model/bad.ts', `import '../time/index.ts'`, 'house/arrows'],
  ['the model loads RxJS', 'core/src/model/bad.ts', `import { map } from 'rxjs'\nmap`, 'house/arrows'],
  ['time imports an operator', 'core/src/time/bad.ts', `import '../operators/rms.ts'`, 'house/arrows'],
  [
    'an operator imports the pipeline',
    'core/src/operators/bad.ts',
    `export * from '../pipeline/run.ts'`,
    'house/arrows'
  ],
  ['the root entry imports the testing kit', 'core/src/index.ts', `export * from './testing/index.ts'`, 'house/arrows'],
  ['the core imports Node', 'core/src/pipeline/bad.ts', `import 'node:fs'`, 'house/arrows'],
  ['the core imports Node without prefix', 'core/src/pipeline/bad.ts', `import 'fs'`, 'house/arrows'],
  ['the core imports Node when asked', 'core/src/driver/bad.ts', `export const fs = import('node:fs')`, 'house/arrows'],
  ['the core uses Buffer', 'core/src/driver/bad.ts', `export const bytes = Buffer.alloc(1)`, 'no-restricted-globals'],
  [
    'the core imports a detector, even in a test',
    'core/src/pipeline/bad.test.ts',
    `import '@messwerk/detectors'`,
    'house/arrows'
  ],
  ['detectors import the whole core', 'detectors/src/bad.ts', `import '@messwerk/core'`, 'house/arrows'],
  ['detectors import RxJS', 'detectors/src/bad.ts', `import 'rxjs'`, 'house/arrows'],
  ['detectors import Node', 'detectors/src/bad.ts', `import 'node:os'`, 'house/arrows'],
  ['storage imports a driver', 'storage/src/files/bad.ts', `import '@messwerk/gsv-driver'`, 'house/arrows'],
  [
    'a package reaches into another',
    'storage/src/files/bad.ts',
    `import '../../../core/src/model/index.ts'`,
    'house/arrows'
  ],
  [
    'a block is spread',
    'core/src/operators/bad.ts',
    `export const f = (b: object) => ({ ...b })`,
    'no-restricted-syntax'
  ],
  ['a score is spread', 'detectors/src/bad.ts', `export const f = (b: object) => ({ ...b })`, 'no-restricted-syntax'],
  ['a power with a variable', 'detectors/src/bad.ts', `export const f = (x: number) => 2 ** x`, 'no-restricted-syntax'],
  ['a cube', 'detectors/src/bad.ts', `export const f = (x: number) => x ** 3`, 'no-restricted-syntax'],
  [
    'a power with a fraction',
    'detectors/src/bad.ts',
    `export const f = (x: number) => Math.pow(x, 0.5)`,
    'no-restricted-syntax'
  ],
  ['a library prints', 'storage/src/files/bad.ts', `console.log(1)`, 'no-console'],
  [
    'a disabled rule without a reason',
    'storage/src/files/bad.ts',
    `// eslint-disable-next-line no-console\nconsole.log(1)`,
    'house/disable-with-reason'
  ],
  ['a promise nobody waits for', 'core/src/index.ts', `Promise.resolve(1)`, '@typescript-eslint/no-floating-promises'],
  [
    'await of a plain value',
    'core/src/index.ts',
    `export const f = async () => { await 1 }`,
    '@typescript-eslint/await-thenable'
  ],
  [
    'a promise as a condition',
    'core/src/index.ts',
    `export const f = async () => { if (f()) return }`,
    '@typescript-eslint/no-misused-promises'
  ]
]

/** What must stay possible, next to what is forbidden. */
const allowed: [string, string, string][] = [
  ['an operator imports the model and RxJS', 'core/src/operators/good.ts', `import '../model/index.ts'\nimport 'rxjs'`],
  ['core/node imports Node', 'core/src/node/good.ts', `import 'node:fs'`],
  [
    'a test imports the testing kit and Node',
    'core/src/model/good.test.ts',
    `import '../testing/index.ts'\nimport 'node:fs'\nimport 'vitest'`
  ],
  ['detectors import the model', 'detectors/src/good.ts', `import '@messwerk/core/model'`],
  ['squares', 'detectors/src/good.ts', `export const f = (x: number) => x ** 2 + Math.pow(x, 2)`],
  ['storage imports its client', 'storage/src/duckdb/good.ts', `export const load = () => import('@duckdb/node-api')`],
  ['a console sink prints', 'core/src/node/console-sink.ts', `console.log(1)`],
  [
    'a spread with a reason',
    'core/src/operators/good.ts',
    `// eslint-disable-next-line no-restricted-syntax -- options, once per factory\nexport const f = (o: object) => ({ ...o })`
  ]
]

describe('house rules', () => {
  it.each(broken)('notice when %s', async (_, file, code, rule) => {
    expect(await rulesFiredBy(file, code)).toContain(rule)
  })

  it.each(allowed)('let through: %s', async (_, file, code) => {
    expect(await rulesFiredBy(file, code)).toEqual([])
  })
})

const withTypes = new ESLint()
const withoutTypes = new ESLint({
  overrideConfig: {
    languageOptions: { parserOptions: { projectService: false } },
    rules: {
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-misused-promises': 'off'
    }
  }
})

/** Lints `code` as if it stood in `packages/<file>`; the rules that need types need a file that exists. */
async function rulesFiredBy(file: string, code: string): Promise<(string | null)[]> {
  const eslint = file === 'core/src/index.ts' ? withTypes : withoutTypes
  const results = await eslint.lintText(code, { filePath: `packages/${file}` })
  return results.flatMap((result) => result.messages.map((message) => message.ruleId))
}
