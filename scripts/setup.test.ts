import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'

// A workspace of two packages, and an npm whose npx only writes down what it was asked to do.
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'setup-'))
  for (const folder of ['scripts', 'packages/a', 'examples/quickstart', 'npm'])
    mkdirSync(join(root, folder), { recursive: true })
  cpSync(`${import.meta.dirname}/setup.mjs`, join(root, 'scripts/setup.mjs'))
  writeFileSync(join(root, 'package.json'), '{ "devDependencies": { "pnpm": "1.2.3" } }')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) writeFileSync(join(root, file), '')
  for (const folder of ['packages/a', 'examples/quickstart']) writeFileSync(join(root, folder, 'package.json'), '{}')
  npx('process.exit(0)')
})

function npx(ending: string): void {
  const note = `require('fs').writeFileSync('asked', process.argv.slice(2).join(' '));`
  writeFileSync(join(root, 'npm/npx-cli.js'), note + ending)
}

function setup(...args: string[]): { asked: string | undefined; code: number | null; stderr: string } {
  writeFileSync(join(root, 'asked'), '')
  const env = { ...process.env, npm_execpath: join(root, 'npm/npm-cli.js') }
  const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs', ...args], {
    cwd: root,
    env,
    encoding: 'utf8'
  })
  return { asked: readFileSync(join(root, 'asked'), 'utf8') || undefined, code: status, stderr }
}

it('installs with the pinned pnpm, once', () => {
  expect(setup().asked).toBe('--yes pnpm@1.2.3 install --frozen-lockfile --prefer-offline')
  expect(setup().asked).toBeUndefined()
})

it.each(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'packages/a/package.json'])(
  'installs again when %s changed',
  (file) => {
    setup()
    writeFileSync(join(root, file), '{ "changed": true }')
    expect(setup().asked).toBeDefined()
  }
)

it('installs less for the demo, and nothing where everything is there', () => {
  expect(setup('--for', 'demo').asked).toContain('--filter {./examples/quickstart}... --prod install')
  expect(setup('--for', 'demo').asked).toBeUndefined()
  expect(setup().asked).toBeDefined()
  expect(setup('--for', 'demo').asked).toBeUndefined()
})

it('says what failed and tries again next time', () => {
  npx('process.exit(7)')
  const { code, stderr } = setup()
  expect(code).toBe(1)
  expect(stderr).toContain('the installation ended with exit code 7')
  expect(existsSync(join(root, 'node_modules/.messwerk-setup'))).toBe(false)
  expect(setup().asked).toBeDefined()
})
