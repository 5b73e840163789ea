import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { pythonEnvironment, runPython } from '../../test/servers/python-environment.ts'

const here = import.meta.dirname

it('Python raises the alarms that were raised here', { timeout: 900_000 }, async (test) => {
  const python = await pythonEnvironment(test)
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'train.ts'], { cwd: here })
  const printed = await runPython(python, [`${here}/score.py`, `${here}/out`])
  const lines = printed.trim().split('\n')
  expect(lines.map((line) => line.replace(/[\d.]+e-\d+$/, '…'))).toEqual([
    'autoencoder: 7449 scans, 36 alarms: the same alarms; largest difference of a score …',
    'isolation-forest: 7449 scans, 18 alarms: the same alarms; largest difference of a score …'
  ])
  for (const line of lines) expect(Number(/\S+$/.exec(line))).toBeLessThan(1e-6)

  // It would tell if there were one more.
  const path = `${here}/out/autoencoder.json`
  const text = readFileSync(path, 'utf8')
  const there = JSON.parse(text)
  writeFileSync(path, JSON.stringify({ ...there, alarms: there.alarms.slice(1) }))
  await expect(runPython(python, [`${here}/score.py`, `${here}/out`])).rejects.toThrow()
  writeFileSync(path, text)
})
