import { defineConfig } from 'vitest/config'
import { countReporter } from './scripts/count-reporter.ts'
import { dataFolder } from './scripts/data-folder.ts'

const notOurs = ['**/node_modules/**', '**/dist/**']

/** Three kinds of tests, told apart by file name. Vitest's own mode is `test`; the others are started with `--mode`. */
const kinds = {
  /** `npm test`. */
  test: {
    include: ['**/*.test.{ts,js}'],
    exclude: [...notOurs, '**/*.{services,soak}.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000
  },
  /** `npm run test:services`: real servers and a real browser, one file at a time. */
  services: {
    include: ['**/*.services.test.ts'],
    exclude: notOurs,
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000
  },
  /** `npm run soak`: what takes too long for every change. */
  soak: { include: ['**/*.soak.test.ts'], exclude: notOurs, fileParallelism: false, testTimeout: 3_600_000 }
}

export default defineConfig(({ mode }) => ({
  test: {
    ...kinds[mode as keyof typeof kinds],
    reporters: ['default', countReporter()],
    // on a machine that others slow down; such a test is named at the end as flaky
    retry: process.env.CI ? 1 : 0,
    passWithNoTests: mode !== 'test',
    env: { MESSWERK_DATA: dataFolder() ?? '' }
  }
}))
