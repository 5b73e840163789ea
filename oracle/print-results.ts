// `npx tsx oracle/print-results.ts docs/reliability/*.json`: the rows of the table in docs/reliability.
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Recovery, TrialResult } from './trial-result.ts'

const number = new Intl.NumberFormat('en-US').format

for (const path of process.argv.slice(2)) {
  const result = JSON.parse(readFileSync(path, 'utf8')) as TrialResult
  const { sent, faults, lost, duplicates, undeclaredHoles, declaredGaps, windows, events, seconds } = result
  const name = `[${basename(path, '.json')}](${basename(path)})`
  const met = Object.entries(faults).map(([fault, count]) => `${count} ${fault}`)
  const isEqual = result.windowsEqual && result.eventsEqual
  const products = `${number(windows)}, ${number(events)}: ${isEqual ? 'equal' : 'NOT equal'}`
  const missed = [lost, duplicates, undeclaredHoles].map(number)
  const recoveries = [text(result.recoveryMs), text(result.recoveryWithFaultsMs)]
  const cells = [name, number(sent), met.join(', '), ...missed, number(declaredGaps), products, ...recoveries]
  console.log(`| ${cells.join(' | ')} | ${Math.round(seconds)} |`)
}

function text({ p50, max, count }: Recovery): string {
  return count === 0 ? 'none' : `${p50} / ${max} ms (${count})`
}
