import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { brokenLinks } from './check-links.ts'

it('finds links to missing pages and headings, and nothing else', () => {
  const root = mkdtempSync(join(tmpdir(), 'links-'))
  mkdirSync(join(root, 'docs'))
  writeFileSync(
    join(root, 'docs/a.md'),
    '# One idea: `x`\n[b](../b.md#two) [self](#one-idea-x) [web](https://example.org) `[no](link.md)`\n'
  )
  writeFileSync(
    join(root, 'b.md'),
    '## Two\n[gone](docs/c.md) ![picture](docs/p.png) [heading](docs/a.md#three)\n```md\n[code](code.md)\n```\n'
  )
  expect(brokenLinks(root)).toEqual(
    ['docs/c.md', 'docs/p.png', 'docs/a.md#three'].map((link) => `b.md: ${link} leads nowhere`)
  )
})
