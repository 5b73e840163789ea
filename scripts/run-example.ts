import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const examples = resolve(import.meta.dirname, '../examples')

/**
 * Runs a documented program as a reader would: in an empty folder (with a link to `examples/` for its data), to its natural end.
 * What never ends by itself, such as a live source, gets two seconds.
 */
export async function runExample(program: () => Promise<void>): Promise<void> {
  const home = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'messwerk-example-'))
  symlinkSync(examples, join(folder, 'examples'), 'junction')
  process.chdir(folder)
  const before = process.getActiveResourcesInfo().length
  try {
    await program()
    for (let waited = 0; process.getActiveResourcesInfo().length > before && waited < 2000; waited += 10)
      await sleep(10)
  } finally {
    process.chdir(home)
    rmSync(folder, { recursive: true, force: true })
  }
}
