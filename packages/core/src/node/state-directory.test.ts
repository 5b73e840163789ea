import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { DecodeError } from '../model/errors.ts'
import { readDeadLetters } from './read-dead-letters.ts'
import { stateDirectory } from './state-directory.ts'

const folder = mkdtempSync(join(tmpdir(), 'messwerk-state-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('makes the directory, and keeps checkpoints and dead letters in it', async () => {
  const path = join(folder, 'a', 'state')
  const state = stateDirectory(path)
  expect(readdirSync(path)).toEqual([])
  const claim = await state.checkpoints.claim('p')
  await claim.save({ number: 1, takenAt: 0, steps: [], splits: [] })
  const error = new DecodeError('x', 'y')
  await state.deadLetters.write([{ error, from: 'x', split: 's', position: 1, at: 0 }], new AbortController().signal)
  await state.deadLetters.close?.()
  expect(readdirSync(path).sort()).toEqual(['checkpoints', 'dead-letters.ndjson'])
  const letters = []
  for await (const letter of readDeadLetters(join(path, 'dead-letters.ndjson'))) letters.push(letter.from)
  expect(letters).toEqual(['x'])
  expect((await stateDirectory(path).checkpoints.claim('p')).latest?.number).toBe(1)
})

it('is one process at a time: a later claim fences the one before', async () => {
  const path = join(folder, 'b')
  const first = await stateDirectory(path).checkpoints.claim('p')
  await stateDirectory(path).checkpoints.claim('p')
  const late = first.save({ number: 1, takenAt: 0, steps: [], splits: [] })
  await expect(late).rejects.toMatchObject({ code: 'FENCED' })
})

it('refuses a path that is none, and one that is a file', () => {
  expect(() => stateDirectory('')).toThrow('stateDirectory: path must be the path of a folder, got ""')
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect(() => stateDirectory(file)).toThrow(expect.objectContaining({ code: 'STORAGE_FAILED' }))
})
