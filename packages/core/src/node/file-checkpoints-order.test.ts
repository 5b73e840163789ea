import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { fileCheckpoints } from './file-checkpoints.ts'

/** What was done to files, and what the writing of a checkpoint waits for. */
const seen = vi.hoisted(() => ({ calls: [] as string[], gate: undefined as Promise<void> | undefined }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const kindOf = (path: unknown): string => /\.(tmp|checkpoint|generation)$/.exec(String(path))?.[1] ?? 'folder'
  return {
    ...real,
    async open(...given: Parameters<typeof real.open>) {
      if (seen.gate && String(given[0]).includes('.checkpoint.')) {
        seen.calls.push('waits')
        await seen.gate
      }
      const file = await real.open(...given)
      const sync = file.sync.bind(file)
      file.sync = async () => {
        await sync()
        seen.calls.push(`sync ${kindOf(given[0])}`)
      }
      return file
    },
    async rename(from: string, to: string) {
      await real.rename(from, to)
      seen.calls.push(`rename ${kindOf(from)} to ${kindOf(to)}`)
    },
    async rm(...given: Parameters<typeof real.rm>) {
      await real.rm(...given)
      seen.calls.push(`remove ${kindOf(given[0])}`)
    }
  }
})

const folder = mkdtempSync(join(tmpdir(), 'messwerk-order-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const checkpointOf = (number: number) => ({ number, takenAt: 0, steps: [], splits: [] })

it('has a save on disk before it has its name, and the name on disk before the oldest is removed', async () => {
  const claim = await fileCheckpoints({ path: join(folder, 'a') }).claim('p')
  await claim.save(checkpointOf(1))
  await claim.save(checkpointOf(2))
  seen.calls.length = 0
  await claim.save(checkpointOf(3))
  expect(seen.calls).toEqual(['sync tmp', 'rename tmp to checkpoint', 'sync folder', 'remove checkpoint'])
})

it('refuses a save that was overtaken on its way to disk, and never reads it', async () => {
  const store = fileCheckpoints({ path: join(folder, 'b') })
  const first = await store.claim('p')
  await first.save(checkpointOf(1))
  let open = (): void => {}
  seen.gate = new Promise((resolve) => {
    open = resolve
  })
  const late = first.save(checkpointOf(2))
  await vi.waitFor(() => expect(seen.calls).toContain('waits'))
  seen.gate = undefined
  const second = await store.claim('p')
  expect(second.latest?.number).toBe(1)
  open()
  await expect(late).rejects.toMatchObject({ code: 'FENCED' })
  expect((await store.claim('p')).latest?.number).toBe(1)
})
