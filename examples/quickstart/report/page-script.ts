/**
 * The crosshair and the highlighting, for browsers; a page without it shows everything but these. The values are read back
 * from the drawn lines (a ten-thousandth of a panel's height apart), so they need not be in the page twice. Where more than
 * one scan shares a pixel column, their lowest and highest are shown.
 */
export const PAGE_SCRIPT = String.raw`
'use strict'
const UNITS = 10000
const pointsOf = (path) => path.points ??= path.getAttribute('d').split('M').slice(1).map((piece) => {
  const n = piece.match(/-?\d+/g).map(Number)
  const xs = [n[0]], ys = [n[1]]
  for (let k = 2; k + 1 < n.length; k += 2) { xs.push(xs.at(-1) + n[k]); ys.push(ys.at(-1) + n[k + 1]) }
  return { xs, ys }
})
const nearest = (path, x) => {
  const column = []
  let between
  for (const { xs, ys } of pointsOf(path)) {
    if (x < xs[0] - 10 || x > xs.at(-1) + 10) continue
    let low = 0, high = xs.length
    while (low < high) { const mid = (low + high) >> 1; if (xs[mid] < x - 5) low = mid + 1; else high = mid }
    for (let k = low; k < xs.length && xs[k] <= x + 5; k++) column.push(ys[k])
    const k = Math.min(low, xs.length - 1)
    between = k > 0 && x - xs[k - 1] < xs[k] - x ? ys[k - 1] : ys[k]
  }
  return column.length > 0 ? [Math.max(...column), Math.min(...column)] : between === undefined ? [] : [between]
}
const valueText = (ys, { low, high, log }) => {
  const [a, b] = [Number(low), Number(high)]
  const decimals = Math.min(12, Math.max(0, Math.floor(-Math.log10((b - a) / UNITS))))
  const text = (y) => {
    const f = 1 - y / UNITS
    const v = log === 'true' ? Number((a * (b / a) ** f).toPrecision(3)) : a + f * (b - a)
    return (log === 'true' ? String(v) : Math.abs(b - a) >= 1e7 || b - a < 1e-6 ? v.toExponential(3) : v.toFixed(decimals)).replace('-', '−')
  }
  if (ys.length === 0) return '–'
  return ys.length === 2 && ys[0] - ys[1] > UNITS / 50 ? text(ys[0]) + '…' + text(ys[1]) : text(ys[0])
}
for (const chart of document.querySelectorAll('.chart')) {
  const root = chart.querySelector('.panels'), readout = chart.querySelector('.readout')
  const panels = [...chart.querySelectorAll('.panel')].map((panel) => {
    const plot = panel.querySelector('.plot')
    const cross = document.createElementNS('http://www.w3.org/2000/svg', 'line')
    cross.setAttribute('class', 'cross')
    cross.setAttribute('y2', '100%')
    return { plot, cross, paths: [...plot.querySelectorAll('.line')], values: [...panel.querySelectorAll('.value')] }
  })
  if (panels.length === 0) continue
  const from = Number(chart.dataset.from), to = Number(chart.dataset.to)
  let at = 0.5
  const timeText = (ms) => chart.dataset.elapsed === 'true'
    ? (ms / 1000).toFixed(3) + ' s'
    : new Date(ms).toISOString().slice(11, 23) + ' UTC'
  const show = (fraction) => {
    at = Math.min(1, Math.max(0, fraction))
    root.classList.add('reading')
    readout.textContent = timeText(from + at * (to - from))
    for (const { plot, cross, paths, values } of panels) {
      cross.setAttribute('x1', 100 * at + '%')
      cross.setAttribute('x2', 100 * at + '%')
      plot.append(cross)
      paths.forEach((path, i) => { values[i].textContent = valueText(nearest(path, at * UNITS), plot.dataset) })
    }
  }
  const hide = () => {
    root.classList.remove('reading')
    readout.textContent = ''
    for (const { cross, values } of panels) { cross.remove(); for (const value of values) value.textContent = '' }
  }
  const follow = (event) => {
    const box = panels[0].plot.getBoundingClientRect()
    const fraction = (event.clientX - box.left) / box.width
    if (fraction >= 0 && fraction <= 1) show(fraction); else hide()
  }
  root.addEventListener('pointermove', follow)
  root.addEventListener('pointerdown', follow)
  root.addEventListener('pointerleave', (event) => { if (event.pointerType === 'mouse') hide() })
  root.tabIndex = 0
  root.setAttribute('role', 'group')
  root.setAttribute('aria-label', 'Read values with the arrow keys')
  root.addEventListener('keydown', (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (event.key === 'Escape') hide()
    if (steps === undefined) return
    event.preventDefault()
    show(at + steps * (event.shiftKey ? 0.05 : 0.005))
  })
  root.addEventListener('blur', hide)
}
const byId = new Map()
for (const element of document.querySelectorAll('[data-event-id]')) {
  const id = element.dataset.eventId
  const group = byId.get(id) ?? []
  byId.set(id, group)
  group.push(element)
  const mark = (hot) => () => group.forEach((one) => one.classList.toggle('hot', hot))
  element.addEventListener('pointerenter', mark(true))
  element.addEventListener('pointerleave', mark(false))
}
`
