import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { samples, t2 } from '@messwerk/detectors'
import { robustScaler, saveModel, scaled } from '@messwerk/detectors/models'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChromium } from './chromium.ts'
import { scoresOf } from './models-browser-program.ts'

const normal = samples({
  force_x: Array.from({ length: 300 }, (_, i) => ((i * 31) % 97) / 7),
  force_y: Array.from({ length: 300 }, (_, i) => ((i * 31) % 97) / 9 + ((i * 17) % 13) / 5)
})
const channels = normal.channels.map((name) => ({ name, unit: 'N' }))
let server: Server
let address: string

beforeAll(async () => {
  const detector = scaled(robustScaler().fit(normal), t2()).create(channels)
  detector.fit(normal)
  const file = await saveModel(detector, {
    name: 'press',
    channels,
    sampleRows: normal,
    created: '2026-01-31T12:00:00Z'
  })
  const page = '<!doctype html><title>model</title>'
  server = createServer(({ url }, response) => {
    response.setHeader('content-type', url === '/press.mwz' ? 'application/zip' : 'text/html')
    response.end(url === '/press.mwz' ? file : page)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => server.close())

it('a model file loads in a browser, relative to the page, and scores to the same bits as here', async (test) => {
  const browser = await openChromium(test)
  try {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    await page.goto(address)
    await page.addScriptTag({ content: await bundle() })
    const found = await page.evaluate("messwerk.scoresOf('press.mwz')")
    expect(problems).toEqual([])
    expect(found).toEqual(await scoresOf(`${address}press.mwz`))
  } finally {
    await browser.close()
  }
})

/** Fails where anything in it imports from Node before it is asked for. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/models-browser-program.ts`],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'messwerk',
    external: ['node:*', 'onnxruntime-node', 'onnxruntime-web']
  })
  return outputFiles[0]!.text
}
