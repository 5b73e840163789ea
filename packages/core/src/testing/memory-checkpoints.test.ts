import { expect, it } from 'vitest'
import type { Checkpoint } from '../model/checkpoint.ts'
import { StorageError } from '../model/errors.ts'
import { defineStream } from '../model/stream.ts'
import { memoryCheckpoints } from './memory-checkpoints.ts'

const stream = defineStream({ id: 's', channels: [{ name: 'a', unit: 'V' }] })

function checkpointOf(number: number, state: unknown = number): Checkpoint {
  const lanes = [{ stream, steps: [{ step: '0 x', version: 1, state, stream }] }]
  return { number, takenAt: 0, steps: ['0 x'], splits: [{ source: 's', split: 's', at: number, lanes }] }
}

it('fails as often as it is told, and keeps nothing of it', async () => {
  const store = memoryCheckpoints()
  const claim = await store.claim('p')
  store.failNext(new StorageError('memory', 'full', true), 2)
  await expect(claim.save(checkpointOf(1))).rejects.toThrow('full')
  await expect(claim.save(checkpointOf(2))).rejects.toThrow('full')
  await claim.save(checkpointOf(3))
  expect(store.saved('p').map(({ number }) => number)).toEqual([3])
})

it('holds saves until they are let go, in order, and fences them then', async () => {
  const store = memoryCheckpoints()
  const first = await store.claim('p')
  const release = store.hold()
  const saves = [first.save(checkpointOf(1)), first.save(checkpointOf(2))]
  await new Promise((resolve) => setTimeout(resolve, 5))
  expect(store.saved('p')).toEqual([])
  release()
  await Promise.all(saves)
  expect(store.saved('p').map(({ number }) => number)).toEqual([1, 2])
  const again = store.hold()
  const late = first.save(checkpointOf(3))
  const second = await store.claim('p')
  again()
  await expect(late).rejects.toMatchObject({ code: 'FENCED' })
  await second.save(checkpointOf(4))
  expect(store.saved('p').map(({ number }) => number)).toEqual([2, 4])
})

it('gives out copies', async () => {
  const store = memoryCheckpoints()
  await (await store.claim('p')).save(checkpointOf(1, { sums: Float64Array.of(1) }))
  const sumsOf = (checkpoint: Checkpoint | undefined): Float64Array => {
    const state = checkpoint?.splits[0]?.lanes[0]?.steps[0]?.state
    return (state as { sums: Float64Array }).sums
  }
  sumsOf((await store.claim('p')).latest)[0] = 2
  expect(sumsOf((await store.claim('p')).latest)).toEqual(Float64Array.of(1))
})

it('refuses a state that could not be kept in a file', async () => {
  const store = memoryCheckpoints()
  const claim = await store.claim('p')
  await expect(claim.save(checkpointOf(1, { at: new URL('http://x') }))).rejects.toThrow('an instance of URL')
  expect(store.saved('p')).toEqual([])
})
