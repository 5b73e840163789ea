/**
 * The look of a report. The colours of the lines are Okabe and Ito's, which people with any kind of colour vision can
 * tell apart, lightened on dark; events are vermilion, notices blue, drift purple. Printing is always light.
 */
export const PAGE_STYLE = `
:root {
  --page: #f6f7f9; --card: #fff; --text: #1b2430; --soft: #5b6675; --line: #dfe3e8; --grid: #e4e8ed;
  --gap: #8b949e; --anomaly: #d55e00; --notice: #0072b2; --drift: #a0527f; --limit: #c24e00;
  --s0: #0072b2; --s1: #e69f00; --s2: #009e73; --s3: #cc79a7; --s4: #56b4e9; --s5: #7a7a52;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #10151b; --card: #181f27; --text: #e6eaef; --soft: #9aa6b3; --line: #2c3641; --grid: #252e38;
    --gap: #8b949e; --anomaly: #ff8a3d; --notice: #56a8e8; --drift: #d98bb8; --limit: #ff8a3d;
    --s0: #4a9fe0; --s1: #f0b429; --s2: #2fc79b; --s3: #e39ac2; --s4: #9bd7f7; --s5: #bdbd8a;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif }
main { max-width: 1120px; margin: 0 auto; padding: 2rem 1.25rem 3rem }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 0 }
h3 { font-size: .85rem; margin: 0; white-space: nowrap }
header p { margin: .25rem 0; max-width: 46rem; color: var(--soft) }
.summary { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0 }
.summary div, .chart, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.summary div { flex: 1 1 auto; min-width: 8.5rem; padding: .65rem .9rem .7rem }
dt { color: var(--soft); font-size: .8rem }
dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.chart, section { margin: 1.25rem 0 0; padding: 1.1rem 1.25rem 1rem }
figcaption p { margin: .1rem 0 .9rem; color: var(--soft); font-size: .85rem }
.panels { position: relative; outline-offset: 6px; border-radius: 4px }
.panel-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .15rem 1.25rem; margin: .5rem 0 .35rem }
.unit { color: var(--soft); font-weight: 400 }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: 0; padding: 0; list-style: none; font-size: .8rem; color: var(--soft) }
.legend svg { vertical-align: 0; margin-right: .35rem }
.value { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; margin-left: .4rem }
.reading .value { display: inline-block; min-width: 3.6rem }
.plot { display: block; width: calc(100% - 4rem); margin: 0 1rem 0 3rem; overflow: visible; background: linear-gradient(var(--line), var(--line)) bottom / 100% 1px no-repeat }
.timed { margin-bottom: 1.9rem }
svg text { font-size: 11.5px; fill: var(--soft); font-variant-numeric: tabular-nums }
.grid line { stroke: var(--grid); stroke-width: 1 }
.grid, .lines, .gap-label { pointer-events: none }
.line { fill: none; stroke-width: 1.4; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke }
.signal-0 { stroke: var(--s0) } .signal-1 { stroke: var(--s1) } .signal-2 { stroke: var(--s2) }
.signal-3 { stroke: var(--s3) } .signal-4 { stroke: var(--s4) } .signal-5 { stroke: var(--s5) }
.again { stroke-dasharray: 7 2.5; stroke-linecap: butt }
.score { stroke: var(--text) }
.limit { stroke: var(--limit); stroke-dasharray: 6 4; stroke-linecap: butt }
.lower, .upper { stroke: var(--soft); stroke-width: 1.1; stroke-dasharray: 2 3; stroke-linecap: butt }
.gap rect { fill: var(--gap); fill-opacity: .26; stroke: var(--gap); stroke-opacity: .55 }
.gap-label { font-weight: 600; fill: var(--text); paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round }
.band.anomaly { color: var(--anomaly) } .band.notice { color: var(--notice) } .band.drift { color: var(--drift) }
.band rect { fill: currentColor; fill-opacity: .17; stroke: currentColor; stroke-opacity: .5 }
.band.notice rect { fill-opacity: .06 }
.band.hot rect { fill-opacity: .38; stroke-opacity: 1 }
.cross { stroke: var(--text); stroke-width: 1; stroke-opacity: .7; pointer-events: none }
.lane { position: relative; height: 1.3rem; margin: 0 1rem 0 3rem; padding: 0; list-style: none; font-size: .72rem; font-weight: 700 }
.lane li { position: absolute; bottom: 0; min-width: 2px }
.lane li.anomaly { color: var(--anomaly) } .lane li.notice { color: var(--notice) } .lane li.drift { color: var(--drift) }
.lane a { display: block; color: inherit; text-decoration: none; border-bottom: 4px solid; line-height: 1.15rem; white-space: nowrap }
.lane a.hot, .lane a:hover { text-decoration: underline }
.none { display: none }
.readout { position: absolute; top: -1.7rem; right: 1rem; margin: 0; font-size: .8rem; font-weight: 600; font-variant-numeric: tabular-nums; background: var(--card); padding-left: .5rem }
section h2 { margin-bottom: .6rem }
table { width: 100%; border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums }
th { text-align: left; color: var(--soft); font-size: .78rem; font-weight: 600; white-space: nowrap }
th, td { padding: .5rem .75rem .5rem 0; border-top: 1px solid var(--line); vertical-align: top }
thead th { border-top: 0; padding-top: 0 }
td:not(.sentence) { white-space: nowrap }
.sentence { min-width: 15rem; overflow-wrap: anywhere }
td code, td small { display: block; color: var(--soft); font-size: .75rem }
td code { font-family: ui-monospace, Menlo, Consolas, monospace }
.chip { display: inline-block; min-width: 1.6rem; padding: 0 .35rem; border-radius: 5px; text-align: center; font-weight: 700; font-size: .78rem; border: 1.5px solid }
.chip.anomaly { color: var(--anomaly) } .chip.notice { color: var(--notice) } .chip.drift { color: var(--drift) }
tr:target, tr.hot { background: color-mix(in srgb, var(--anomaly) 10%, transparent) }
.shares { margin: 0; padding: 0; list-style: none; font-size: .8rem }
.shares li { display: flex; align-items: center; gap: .5rem }
.shares .name { width: 6.5rem; overflow: hidden; text-overflow: ellipsis }
.bar { width: 4.5rem; height: .5rem; border-radius: 2px; background: var(--grid); overflow: hidden }
.bar span { display: block; height: 100%; background: var(--anomaly) }
.part { width: 3rem; text-align: right; color: var(--soft) }
.rest { color: var(--soft) }
footer { margin-top: 1.25rem; color: var(--soft); font-size: .8rem; max-width: 46rem }
@media (max-width: 720px) {
  .wide { display: none }
}
@media screen and (max-width: 720px) {
  main { padding: 1.25rem .75rem 2rem }
  h1 { font-size: 1.4rem }
  h3 { white-space: normal }
  .chart, section { padding: .9rem .8rem }
  .plot, .lane { margin-left: 2.6rem; margin-right: .4rem }
  .plot { width: calc(100% - 3rem) }
  .summary { gap: .5rem }
  svg text { font-size: 10.5px }
  .readout { top: auto; bottom: -1rem; right: .4rem }
  .chart { padding-bottom: 1.3rem }
  .shares { flex: 1; min-width: 0 }
  .shares .name { width: 5.5rem }
  .shares .bar { flex: 1; min-width: 1.5rem }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  table, tbody, tr, td { display: block }
  td { border: 0; padding: .1rem 0 }
  tr { border-top: 1px solid var(--line); padding: .6rem 0 }
  td[data-label]:not(.sentence) { display: flex; gap: .75rem }
  td[data-label]:not(.sentence)::before { content: attr(data-label); flex: 0 0 5.8rem; color: var(--soft); font-size: .8rem }
  td small { display: inline; margin-left: .5rem }
}
@media print {
  :root { --page: #fff }
  body { font-size: 11pt }
  main { max-width: none; padding: 0 }
  .summary div, .chart, section { border-color: #ccc }
  .chart, tr, .summary { break-inside: avoid }
  .readout { display: none }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
`
