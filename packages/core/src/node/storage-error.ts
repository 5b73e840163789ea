import { dirname, resolve } from 'node:path'
import { isSdkError, type SdkError, StorageError } from '../model/errors.ts'

const ADVICE: Readonly<Record<string, string>> = {
  EISDIR: 'this is a directory; give a file',
  EACCES: 'this process may not write it; change its permissions',
  EPERM: 'this process may not write it; change its permissions',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full; nothing of this write was kept',
  EDQUOT: 'the disk quota is used up; nothing of this write was kept',
  EFBIG: 'the file may not grow further; nothing of this write was kept'
}
const RETRYABLE = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN']

/** What the file system said about a file, in words. @internal */
export function storageError(path: string, error: unknown): SdkError {
  if (isSdkError(error)) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const directory = `the directory ${dirname(resolve(path))} does not exist; make it first`
  const why = code === 'ENOENT' ? directory : (ADVICE[code] ?? `it cannot be written (${message})`)
  return new StorageError(path, why, RETRYABLE.includes(code), { cause: error })
}
