// Only what needs types or knows this house; formatting and everything else is Biome's (biome.json).
import tseslint from 'typescript-eslint'
import { houseRules, noObjectSpread, noUnstablePower } from './scripts/eslint-rules.js'

const tests = ['**/*.test.ts', '**/fixtures/**']
const sources = ['packages/*/src/**/*.ts']
const hotPaths = [
  'packages/core/src/{model,kernels,operators,rows,pipeline,delivery,rx,driver}/**/*.ts',
  'packages/*/src/{codec,detectors}/**/*.ts',
  'packages/detectors/src/**/*.ts'
]

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/out/**',
      'docs/**',
      'test/types/**',
      'test/generated-examples/**',
      'scripts/fixtures/**',
      '**/*.{js,mjs}'
    ]
  },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin, house: houseRules },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname }
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      'house/disable-with-reason': 'error'
    }
  },
  { files: sources, rules: { 'house/arrows': 'error' } },
  { files: sources, ignores: [...tests, '**/console-*.ts'], rules: { 'no-console': 'error' } },
  {
    files: [
      'packages/core/src/{model,time,kernels,delivery,rx,operators,rows,pipeline,driver}/**/*.ts',
      'packages/core/src/index.ts',
      'packages/detectors/src/**/*.ts'
    ],
    ignores: tests,
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', '__dirname', 'require'] }
  },
  { files: hotPaths, ignores: tests, rules: { 'no-restricted-syntax': ['error', noObjectSpread] } },
  {
    files: ['packages/detectors/src/**/*.ts'],
    ignores: tests,
    rules: { 'no-restricted-syntax': ['error', noObjectSpread, noUnstablePower] }
  }
)
