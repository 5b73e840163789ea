import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

function tally(files: Record<string, string | object>): { lines: string[]; code: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'tally-'))
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const { stdout, status } = spawnSync(process.execPath, [`${import.meta.dirname}/tally.mjs`, folder], {
    encoding: 'utf8'
  })
  return { lines: stdout.trim().split('\n'), code: status }
}

it('adds up counts and gives the reasons of what was skipped', () => {
  const skipped = [{ name: 'browser', reason: 'no chromium' }]
  const files = {
    'a.exit': '0\n',
    'a.json': { passed: 3, failed: 0, skipped },
    'b.exit': '0',
    'c.exit': '0',
    'c-22.json': { passed: 2, failed: 0, skipped: [] }
  }
  expect(tally(files)).toEqual({ lines: ['skipped: browser: no chromium', '6 passed, 0 failed, 1 skipped'], code: 0 })
})

it('never takes a failed step for a passed one', () => {
  expect(tally({ 'a.exit': '1', 'a.json': { passed: 3, failed: 2, skipped: [] } }).lines).toEqual([
    '3 passed, 2 failed, 0 skipped'
  ])
  const failed = (step: string): string => `failed: ${step}: the step failed, see above`
  expect(tally({ 'a.exit': '1', 'a.json': { passed: 3, failed: 0, skipped: [] } }).lines).toEqual([
    failed('a'),
    '3 passed, 1 failed, 0 skipped'
  ])
  expect(tally({ 'a.exit': '127' })).toEqual({ lines: [failed('a'), '0 passed, 1 failed, 0 skipped'], code: 1 })
})

it('names what failed, and what failed once', () => {
  const failures = [{ name: 'x.test.ts: adds up', reason: 'expected 3 to be 4' }]
  const counts = { passed: 2, failed: 1, skipped: [], failures, flaky: ['y.test.ts: keeps time'] }
  expect(tally({ 'a.exit': '1', 'a.json': counts }).lines).toEqual([
    'flaky: a: y.test.ts: keeps time: failed, and passed when it was run again',
    'failed: a: x.test.ts: adds up: expected 3 to be 4',
    '2 passed, 1 failed, 0 skipped'
  ])
})
