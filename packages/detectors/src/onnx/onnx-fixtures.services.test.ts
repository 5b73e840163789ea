// The fixtures of scikit-learn once more, in a fresh Python environment; those of PyTorch and Keras need more than is installed there.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pythonEnvironment, runPython } from '../../../../test/servers/python-environment.ts'

interface Fixture {
  readonly made: string
  readonly versions: Readonly<Record<string, string>>
  readonly rows: readonly (readonly number[])[]
  readonly onnx: Readonly<Record<string, readonly number[]>>
  readonly model: Readonly<Record<string, readonly number[]>>
}

it('onnx-fixtures.py makes the committed ones', { timeout: 300_000 }, async (test) => {
  const python = await pythonEnvironment(test)
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-fixtures-'))
  try {
    await runPython(python, [join(import.meta.dirname, '../../scripts/onnx-fixtures.py'), folder, '--only', 'sklearn'])
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
    const committed = new Set(readdirSync(join(import.meta.dirname, 'fixtures')))
    expect(files.length).toBeGreaterThanOrEqual(16)
    for (const file of files) {
      expect(committed.has(file), file).toBe(true)
      const [made, before] = [join(folder, file), join(import.meta.dirname, 'fixtures', file)].map(
        (path) => JSON.parse(readFileSync(path, 'utf8')) as Fixture
      )
      expect(made!.made).toBe(before!.made)
      expect(made!.versions).toEqual(before!.versions)
      expect(made!.rows).toEqual(before!.rows)
      for (const kind of ['onnx', 'model'] as const)
        for (const [output, values] of Object.entries(made![kind]))
          expectNear(values, before![kind][output]!, `${file} ${output}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function expectNear(made: readonly number[], committed: readonly number[], what: string): void {
  expect(made.length, what).toBe(committed.length)
  const apart = made.map((value, i) => Math.abs(value - committed[i]!) / Math.max(1, Math.abs(committed[i]!)))
  expect(Math.max(...apart), what).toBeLessThanOrEqual(1e-6)
}
