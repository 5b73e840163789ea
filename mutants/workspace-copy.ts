import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'

const COPIED = ['packages', 'test', 'scripts', 'bench', 'oracle', 'examples']
const NOT_COPIED = ['node_modules', 'dist', 'out', 'data', 'results', '.cache', 'generated-examples']

/** A copy of the sources of the workspace whose packages find each other, and the installed dependencies of the original. */
export class WorkspaceCopy {
  readonly folder: string

  constructor(root: string) {
    this.folder = mkdtempSync(join(realpathSync(tmpdir()), 'messwerk-mutants-'))
    for (const name of readdirSync(root)) {
      const isFile = /^[^.].*\.(json|ts|js|yaml)$/.test(name)
      if (isFile || COPIED.includes(name)) this.#copy(root, name)
    }
    for (const place of ['.', ...packagesOf(root)]) this.#link(root, place)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #copy(root: string, name: string): void {
    const filter = (source: string): boolean => !NOT_COPIED.includes(basename(source)) || source === join(root, name)
    cpSync(join(root, name), join(this.folder, name), { recursive: true, filter })
  }

  /** Links each dependency of a package by itself, so that links to packages of the workspace lead into the copy. */
  #link(root: string, place: string): void {
    const from = join(root, place, 'node_modules')
    if (!existsSync(from)) return
    for (const name of readdirSync(from)) {
      if (name.startsWith('.') && name !== '.bin') continue
      if (!name.startsWith('@')) this.#linkOne(root, join(place, 'node_modules', name))
      else
        for (const inner of readdirSync(join(from, name))) this.#linkOne(root, join(place, 'node_modules', name, inner))
    }
  }

  #linkOne(root: string, path: string): void {
    const target = realpathSync(join(root, path))
    const inside = relative(root, target)
    const isOurs = !inside.startsWith('..') && !inside.split(/[\\/]/).includes('node_modules')
    const link = join(this.folder, path)
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(isOurs ? join(this.folder, inside) : target, link)
  }
}

function packagesOf(root: string): string[] {
  const folders = ['packages', 'examples'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name))
  )
  return folders.concat('bench').filter((folder) => existsSync(join(root, folder, 'package.json')))
}
