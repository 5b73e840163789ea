import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { problemsInTree } from './install-check.ts'

it('notices a stranger, a native module and an install script, wherever they lie', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tree-'))
  const add = (path: string, content: object): void => {
    mkdirSync(join(folder, 'node_modules', path), { recursive: true })
    writeFileSync(join(folder, 'node_modules', path, 'package.json'), JSON.stringify(content))
  }
  add('rxjs', { scripts: { test: 'x' } })
  add('rxjs/dist/esm', {})
  add('@messwerk/core', { scripts: { postinstall: 'x' } })
  add('.pnpm/left-pad@1/node_modules/left-pad', {})
  writeFileSync(join(folder, 'node_modules/rxjs/fast.node'), '')
  expect(problemsInTree(folder).sort()).toEqual([
    '@messwerk/core runs a script on installation: postinstall',
    'installs left-pad, which nobody asked for',
    'native module rxjs/fast.node'
  ])
})
