import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { duckdbReader } from '@messwerk/storage/duckdb'
import { expect, it } from 'vitest'
import { openChromium } from '../../test/chromium.ts'

const here = import.meta.dirname

it('the quickstart draws every stored event, the gap, and loads nothing', async (test) => {
  const browser = await openChromium(test)
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'quickstart.ts'], { cwd: here })
  const ids: string[] = []
  for (const table of ['events', 'motor_events']) {
    const reader = duckdbReader({ path: `${here}/out/quickstart.duckdb`, table })
    for await (const { id, kind } of reader.events()) if (kind === 'anomaly') ids.push(id)
    await reader.close()
  }
  expect(ids).toHaveLength(39)
  try {
    const page = await browser.newPage()
    const url = pathToFileURL(`${here}/out/quickstart.html`).href
    const requests: string[] = []
    const problems: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(url)
    for (const id of ids) {
      for (const place of ['.plot', 'tbody']) {
        expect(await page.locator(`${place} [data-event-id="${id}"]`).count(), `${id} in ${place}`).toBeGreaterThan(0)
      }
    }
    expect(await page.getByText('1 000 scans missing (lost)').count()).toBeGreaterThan(0)
    expect(requests).toEqual([url])
    expect(problems).toEqual([])
  } finally {
    await browser.close()
  }
})
