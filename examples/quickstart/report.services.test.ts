import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openChromium } from '../../test/chromium.ts'
import { sampleReport } from './report/sample-report.ts'
import { writeReport } from './report/write-report.ts'

const report = sampleReport()
let folder: string
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'))
  await writeReport(join(folder, 'report.html'), report)
  url = pathToFileURL(join(folder, 'report.html')).href
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

it('shows every event in its chart and in the table, with no error and no request but for the page', async (test) => {
  const browser = await openChromium(test)
  try {
    const { page, problems, requests } = await open(browser)
    for (const { id } of report.events) {
      for (const place of ['.lane', '.plot', 'tbody']) {
        const found = page.locator(`${place} [data-event-id="${id}"]`)
        expect(await found.count(), `${id} in ${place}`).toBeGreaterThan(0)
        expect(await width(found.first()), `${id} in ${place}`).toBeGreaterThan(0)
      }
    }
    expect(await page.locator('tbody tr').count()).toBe(report.events.length)
    expect(problems).toEqual([])
    expect(requests).toEqual([url])
  } finally {
    await browser.close()
  }
})

it('reads values under the pointer and by arrow keys, and none within a gap', async (test) => {
  const browser = await openChromium(test)
  try {
    const { page, problems } = await open(browser)
    const chart = page.locator('.chart').first()
    const box = (await chart.locator('.plot').first().boundingBox())!
    await page.mouse.move(box.x + box.width * 0.22, box.y + 20)
    expect(await chart.locator('.readout').textContent()).toMatch(/^14:02:15\.[34]\d\d UTC$/)
    const values = await chart.locator('.value').allTextContents()
    expect(values).toHaveLength(8)
    expect(Number(values.at(-1))).toBeCloseTo(6, 1) // the limit, read back from its line
    expect(Number(values[0]!.replace('−', '-'))).toBeCloseTo(3 * Math.sin(0.4 * Math.PI * 4.4), 0)
    await page.mouse.move(box.x + box.width * 0.65, box.y + 20)
    expect(new Set(await chart.locator('.value').allTextContents())).toEqual(new Set(['–']))
    await chart.locator('.panels').focus()
    const before = await chart.locator('.readout').textContent()
    await page.keyboard.press('Shift+ArrowRight')
    expect(await chart.locator('.readout').textContent()).not.toBe(before)
    expect(problems).toEqual([])
  } finally {
    await browser.close()
  }
})

it('fits a phone, is light on paper, and shows the charts without scripts', async (test) => {
  const browser = await openChromium(test)
  try {
    const phone = await open(browser, { viewport: { width: 360, height: 740 }, javaScriptEnabled: false })
    expect(await phone.page.locator('html').evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    expect(await width(phone.page.locator('.lines').first())).toBeGreaterThan(250)
    const dark = await open(browser, { colorScheme: 'dark' })
    expect(await colours(dark.page)).toEqual(['rgb(230, 234, 239)', 'rgb(16, 21, 27)'])
    await dark.page.emulateMedia({ media: 'print' })
    expect(await colours(dark.page)).toEqual(['rgb(27, 36, 48)', 'rgb(255, 255, 255)'])
  } finally {
    await browser.close()
  }
})

async function open(browser: Browser, options: Parameters<Browser['newPage']>[0] = {}) {
  const page = await browser.newPage(options)
  const problems: string[] = []
  const requests: string[] = []
  page.on('console', (message) => problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return { page, problems, requests }
}

async function width(element: ReturnType<Page['locator']>): Promise<number> {
  return (await element.boundingBox())?.width ?? 0
}

/** Of the text and of the page. */
async function colours(page: Page): Promise<unknown> {
  return await page.evaluate('[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]')
}
