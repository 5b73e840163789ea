import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { root } from './steps.ts'

/** Exported functions that are no operators, though they live beside them. */
const others = ['limits']

it('every operator of the core has a line in docs/guide/operators.md', () => {
  const index = readFileSync(`${root}/packages/core/src/index.ts`, 'utf8')
  const page = readFileSync(`${root}/docs/guide/operators.md`, 'utf8')
  const exported = [
    ...index.matchAll(/export \{([^}]*)\} from '\.\/(?:operators\/|rx\/(?:async-|event-)?operator|rx\/via)[^']*'/g)
  ]
  const names = exported
    .flatMap(([, list]) => list!.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type ') && !others.includes(name))
  expect(names.length).toBeGreaterThan(15)
  expect(names.filter((name) => !page.includes(`\`${name}(`))).toEqual([])
})
