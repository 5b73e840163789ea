import { chartHtml } from './chart-html.ts'
import { escapeHtml } from './escape-html.ts'
import { eventsTable } from './events-table.ts'
import { latestEvents } from './latest-events.ts'
import { PAGE_SCRIPT } from './page-script.ts'
import { PAGE_STYLE } from './page-style.ts'
import type { Report } from './report.ts'

// The page says so itself that it needs nothing from any network, and a browser holds it to that.
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

/** The whole report as one HTML page without any other file. */
export function pageHtml(report: Report): string {
  const events = latestEvents(report.events)
  const rows = new Map(events.map(({ id }, i) => [id, i + 1]))
  const title = escapeHtml(report.title)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
<header><h1>${title}</h1>
${report.intro.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
</header>
${summaryHtml(report.summary)}
${report.charts.map((chart) => chartHtml(chart, rows)).join('\n')}
<section><h2>Events</h2>
${eventsTable(events)}
</section>
<footer>Everything shown is in this file. Long lines are thinned to the lowest and highest scan of each pixel column, so that no spike is lost; grey bands are declared gaps. Times are UTC.</footer>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`
}

function summaryHtml(summary: Report['summary']): string {
  if (summary.length === 0) return ''
  const items = summary.map(([label, value]) => {
    const unbroken = value.replace(/(\d) (?=\d{3}(?!\d))/g, '$1\u00a0')
    return `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(unbroken)}</dd></div>`
  })
  return `<dl class="summary">${items.join('\n')}</dl>`
}
