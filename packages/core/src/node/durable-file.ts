import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

let files = 0

/** Writes a file that is there whole or not at all, also after a power cut. @internal */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  files += 1
  const temporary = `${path}.${process.pid}-${files}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes names in a folder durable. Windows has no such call and needs none. @internal */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
