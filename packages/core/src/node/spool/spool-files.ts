import { link, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { syncFolder, writeWhole } from '../durable-file.ts'

/** An open file of a spool. @internal */
export interface SpoolFile {
  /** Writes all of it. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** Reads what is there, at most the size of `bytes`; returns how much. */
  read(bytes: Uint8Array, at: number): Promise<number>
  sync(): Promise<void>
  truncate(size: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

/** All that a spool wants of a file system, so that tests can let it fail. @internal */
export interface SpoolFiles {
  makeFolder(path: string): Promise<void>
  list(path: string): Promise<string[]>
  open(path: string, mode: 'read' | 'write'): Promise<SpoolFile>
  /** The content, or undefined when there is no such file. */
  load(path: string): Promise<Uint8Array | undefined>
  /** Replaces a file durably: after a crash the old or the new content is there. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  /** Makes a file with this content; false when there is one. */
  make(path: string, bytes: Uint8Array): Promise<boolean>
  remove(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
}

/** @internal */
export const nodeFiles: SpoolFiles = {
  makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  list: (path) => readdir(path),
  open: openFile,
  load: (path) => readFile(path).catch(missing),
  replace: writeWhole,
  make: makeFile,
  remove: (path) => rm(path, { force: true }),
  syncFolder
}

async function openFile(path: string, mode: 'read' | 'write'): Promise<SpoolFile> {
  const file = await open(path, mode === 'read' ? 'r' : 'a').then(async (handle) => {
    if (mode === 'read') return handle
    await handle.close() // 'a' only made it: it would ignore where to write
    return open(path, 'r+')
  })
  return {
    async write(bytes, at) {
      let done = 0
      while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
    },
    async read(bytes, at) {
      let done = 0
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return done
    },
    sync: () => file.datasync(),
    truncate: (size) => file.truncate(size),
    size: async () => (await file.stat()).size,
    close: () => file.close()
  }
}

/** Through a link, so that the file is never seen without its content. */
async function makeFile(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, bytes)
  try {
    await link(temporary, path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    return writeFile(path, bytes, { flag: 'wx' }).then(() => true, isThere) // a file system without links
  } finally {
    await rm(temporary, { force: true })
  }
}

function isThere(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false
  throw error
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
