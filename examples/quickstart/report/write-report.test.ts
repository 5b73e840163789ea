import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MeasurementEvent } from '@messwerk/core/model'
import { expect, it } from 'vitest'
import { pageHtml } from './page-html.ts'
import type { Chart, Report, Series } from './report.ts'
import { sampleReport } from './sample-report.ts'
import { writeReport } from './write-report.ts'

const START = Date.UTC(2026, 0, 15, 14, 0, 0)
const EVENT: MeasurementEvent = {
  ...{ id: 'press-3/score/1', kind: 'anomaly', phase: 'end', stream: 'press-3', rule: 'score', score: 9, limit: 6 },
  ...{ start: START + 250, end: START + 500, contributions: { force_x: 6, force_y: 3 } },
  origin: { split: 'press-3', position: 1 }
}

it('writes one file that refers to no other and makes its folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'report-'))
  const path = join(folder, 'out', 'report.html')
  try {
    await writeReport(path, sampleReport())
    const html = await readFile(path, 'utf8')
    expect(html.startsWith('<!doctype html>')).toBe(true)
    expect(html.match(/(src|href|url)\s*[=(](?!\s*["']?(data:|#))/g)).toBeNull()
    expect(html).not.toContain('@import')
    expect(html.match(/https?:\/\/[^'"\s]+/g)).toEqual(['http://www.w3.org/2000/svg']) // a name, never fetched
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('escapes every text that comes from outside', () => {
  const evil = `<img src=x onerror="alert('1')">&`
  const event: MeasurementEvent = {
    ...{ ...EVENT, id: evil, stream: evil, rule: evil, contributions: { [evil]: 1, b: 1 } },
    values: { [evil]: { value: 1, unit: evil } }
  }
  const gap = { from: START + 300, to: START + 600, scans: 3, cause: evil }
  const panel = { label: evil, unit: evil, series: [series([1, 2, 3, 4], evil)] }
  const chart = { title: evil, panels: [panel], gaps: [gap], events: [event] }
  const html = pageHtml({ title: evil, intro: [evil], summary: [[evil, evil]], charts: [chart], events: [event] })
  expect(html).not.toContain('<img')
  expect(withoutCode(html)).not.toContain("alert('1')")
  expect(html).toContain('data-event-id="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;"')
  expect(html).toContain('3 scans missing (&lt;img src=x')
})

it('draws gaps and events where they lie, in every panel', () => {
  const html = page({ gaps: [{ from: START + 600, to: START + 700, scans: 1000, cause: 'lost' }], events: [EVENT] })
  const bands = [...html.matchAll(/<g class="(gap|band anomaly)"[^>]*><title>([^<]*)<\/title><rect ([^>]*)\/>/g)]
  expect(bands.map(([, kind, , place]) => [kind, place])).toEqual([
    ...[0, 1].flatMap(() => [
      ['gap', 'x="60%" width="10%" height="100%"'],
      ['band anomaly', 'x="25%" width="25%" height="100%"']
    ])
  ])
  expect(bands[0]?.[2]).toBe('1 000 scans missing (lost)')
  expect(bands[1]?.[2]).toBe('14:00:00 press-3: force_x, 67 % of the score, for 250 ms')
  expect(html.match(/class="gap-label all" x="65%"[^>]*>1 000 scans missing \(lost\)</g)).toHaveLength(1)
})

it('draws an event that has not ended to the right edge, one outside not at all, one at the edge within', () => {
  const { end: _, ...open } = EVENT
  const events: MeasurementEvent[] = [
    { ...open, id: 'open', phase: 'begin', start: START + 800 },
    { ...EVENT, id: 'early', start: START - 500, end: START + 100 },
    { ...EVENT, id: 'outside', start: START + 5000, end: START + 6000 }
  ]
  const places = [
    ...page({ events }).matchAll(/data-event-id="(\w+)"><title>[^<]*<\/title><rect (x="\S+" width="\S+")/g)
  ]
  expect(places.slice(0, 2).map(([, id, place]) => [id, place])).toEqual([
    ['early', 'x="0%" width="10%"'],
    ['open', 'x="80%" width="20%"']
  ])
  expect(places.some(([, id]) => id === 'outside')).toBe(false)
  expect(page({ events })).toMatch(/<tr id="event-3" data-event-id="outside">/)
  expect(page({ events })).toContain('still open')
})

it('shows an event once when both its beginning and its end are given, in whichever order', () => {
  const { end: _, ...open } = EVENT
  const begin = { ...open, phase: 'begin' } as const
  for (const events of [
    [begin, EVENT],
    [EVENT, begin]
  ]) {
    const html = page({ events })
    expect(html.match(/<tr id="event-/g)).toHaveLength(1)
    expect(html).toContain('<td data-label="Duration">250 ms</td>')
    expect(html.match(/<g class="band anomaly"/g)).toHaveLength(2) // one a panel
  }
})

it('draws the limit dashed, shares as bars, and names units', () => {
  const html = page({ events: [EVENT] })
  expect(html).toMatch(/<path class="line limit" d="M0 \d+l10000 0"\/>/)
  expect(html).toMatch(/\.limit \{[^}]*stroke-dasharray/)
  expect(html).toContain('<span style="width:66.7%"></span></span><span class="part">67 %</span>')
  expect(html).toContain('Torque <span class="unit">N·m</span>')
})

it('keeps a chart of six channels and 20 000 scans small', () => {
  const size = pageHtml(sampleReport()).length
  expect(size).toBeLessThan(250_000)
  const noisy = Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i))
  const paths = page({ signal: noisy }).match(/ d="[^"]*"/g) ?? []
  expect(Math.max(...paths.map((d) => d.length))).toBeLessThan(25_000)
})

it('writes a report without charts, values or events', () => {
  const empty: Chart = { title: 'Nothing', panels: [{ label: 'a', unit: '1', series: [] }], gaps: [], events: [] }
  const html = pageHtml({ title: 't', intro: [], summary: [], charts: [empty], events: [] })
  expect(html).toContain('No events.')
  expect(withoutCode(html)).not.toMatch(/NaN|undefined|Infinity/)
  const nothing = page({ signal: [Number.NaN, Number.NaN] })
  expect(nothing).toContain('<path class="line signal-0" d=""/>')
})

function page({
  signal = [1, 2, 3, 2],
  gaps = [],
  events = []
}: Partial<Chart> & { signal?: readonly number[] }): string {
  const panels = [
    { label: 'Torque', unit: 'N.m', series: [series(signal, 'torque_x')] },
    { label: 'Score', unit: '1', series: [{ ...series([6, 6, 6], 'limit'), role: 'limit' as const }] }
  ]
  const chart: Chart = { title: 'Press', panels, gaps, events }
  return pageHtml({ title: 'Report', intro: [], summary: [], charts: [chart], events } satisfies Report)
}

function withoutCode(html: string): string {
  return html.replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
}

/** Values over one second. */
function series(values: readonly number[], name: string): Series {
  return { name, values, time: values.map((_, i) => START + (1000 * i) / (values.length - 1)) }
}
