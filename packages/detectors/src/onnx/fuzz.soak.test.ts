import { expect, it } from 'vitest'
import { fuzzBytes, fuzzGraphs } from './fixtures/fuzz.ts'

it('a hundred thousand damaged files and changed graphs: typed errors only, and nothing that scores otherwise than it says', () => {
  const files = fuzzBytes(100_000, 10)
  const graphs = fuzzGraphs(30_000, 20)
  for (const [name, { read, refused, slowestMs }] of Object.entries({ files, graphs }))
    console.log(`fuzz ${name}: ${read} read, ${refused} refused, the slowest in ${slowestMs.toFixed(0)} ms`)
  expect(files.wild.concat(graphs.wild)).toEqual([])
  expect(graphs.wrong).toEqual([])
})
