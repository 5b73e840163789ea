import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { program } from './browser-program.ts'
import { openChromium } from './chromium.ts'

it('the core and the detectors load in a browser and score to the same bits as here', async (test) => {
  const browser = await openChromium(test)
  try {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    await page.addScriptTag({ content: await bundle() })
    const found = await page.evaluate('messwerk.program()')
    expect(problems).toEqual([])
    expect(found).toEqual(program())
    expect(program().scores.length).toBe(512)
  } finally {
    await browser.close()
  }
})

/** Fails where anything in it imports from Node. */
async function bundle(): Promise<string> {
  const entryPoints = [`${import.meta.dirname}/browser-program.ts`]
  const { outputFiles } = await build({
    entryPoints,
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'messwerk'
  })
  return outputFiles[0]!.text
}
