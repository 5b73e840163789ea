import { readFileSync } from 'node:fs'
import { gsvCommands } from '@messwerk/gsv-driver/commands'
import { expect, it } from 'vitest'
import { gsvCommandsPage } from './gsv-commands-page.ts'
import { root } from './steps.ts'

it('docs/adapters/gsv-commands.md says what the tables say (else: npx tsx scripts/gsv-commands-page.ts)', () => {
  expect(readFileSync(`${root}/docs/adapters/gsv-commands.md`, 'utf8')).toBe(gsvCommandsPage())
})

it('has a line for every command', () => {
  const page = gsvCommandsPage()
  for (const { code, name } of gsvCommands) {
    expect(page).toContain(`| 0x${code.toString(16).padStart(2, '0')} | ${name} |`)
  }
})
