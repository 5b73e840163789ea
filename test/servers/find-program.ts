import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The file of a program; servers often lie where only root looks. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin']
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
}
