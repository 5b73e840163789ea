import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('killed beside twenty lines of MQTT.js, the pipeline stores every message once', async () => {
  const args = ['--import', 'tsx', 'demo.ts', '--kill', '--kills', '2']
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname })
  const [plain, messwerk] = ['plain', 'messwerk'].map((name) => counts(name, stdout))
  expect(messwerk![0], stdout).toBeGreaterThan(200)
  expect(messwerk, stdout).toEqual([messwerk![0], messwerk![0], 0, 0, 0])
  const [published, stored, lost] = plain as [number, number, number]
  expect(published).toBe(messwerk![0])
  expect(stored + lost).toBe(published)
  expect(stdout).toContain('kill 2 of 2')
  expect(stdout).toContain('broker restarted')
  expect(stdout).toContain('messwerk: lost nothing.')
  expect(stdout).not.toContain('dead letters')
})

/** The numbers of a row of the table; `-` is NaN. */
function counts(name: string, output: string): number[] {
  const row = output.split('\n').find((line) => new RegExp(`^${name} +\\d`).test(line))
  return row?.trim().split(/ +/).slice(1).map(Number) ?? []
}
