import { type Browser, chromium } from 'playwright-core'
import type { TestContext } from 'vitest'

/** Starts the browser that `npm run test:services` found or installed; skips the test, with the reason, where there is none. */
export async function openChromium(test: TestContext): Promise<Browser> {
  const executablePath = process.env.MESSWERK_CHROMIUM
  if (!executablePath) test.skip(process.env.MESSWERK_NO_CHROMIUM ?? 'no browser: start it with npm run test:services')
  return await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] })
}
