import { describe, expect, it } from 'vitest'
import {
  AuthError,
  DecodeError,
  FencedError,
  MissingDependencyError,
  NotConnectedError,
  PipelineError,
  StorageError
} from '../model/errors.ts'
import { type RetryOptions, RetryPolicy } from './retry-policy.ts'

function waits(options: RetryOptions, count: number): number[] {
  const backoff = new RetryPolicy(options).backoff()
  return Array.from({ length: count }, () => backoff.next())
}

describe('waits', () => {
  it('grow by the factor up to the most', () => {
    expect(waits({ first: '1s', factor: 3, most: '10s', jitter: 0 }, 5)).toEqual([1000, 3000, 9000, 10_000, 10_000])
  })

  it('are 100 ms, doubled, at most 30 s, unless told otherwise', () => {
    const none = { random: () => 0 }
    expect(waits(none, 3)).toEqual([100, 200, 400])
    expect(waits(none, 20).at(-1)).toBe(30_000)
  })

  it('are shortened by chance, at most by the jitter', () => {
    expect(waits({ first: '1s', factor: 1, random: () => 0.5 }, 1)).toEqual([900])
    expect(waits({ first: '1s', factor: 1, jitter: 1, random: () => 0.75 }, 1)).toEqual([250])
    const drawn = waits({ first: '1s', factor: 1 }, 500)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(800)
    expect(Math.max(...drawn)).toBeLessThanOrEqual(1000)
    expect(new Set(drawn).size).toBeGreaterThan(100)
  })

  it('begin again after a reset, each backoff by itself', () => {
    const policy = new RetryPolicy({ jitter: 0 })
    const [one, other] = [policy.backoff(), policy.backoff()]
    expect([one.next(), one.next(), other.next()]).toEqual([100, 200, 100])
    one.reset()
    expect(one.next()).toBe(100)
  })
})

describe('remedies', () => {
  it.each([
    [new NotConnectedError('tcp://a'), 'retry'],
    [new StorageError('a', 'the disk is full', true), 'retry'],
    [new StorageError('a', 'no such column', false), 'reject'],
    [new DecodeError('a', 'no number'), 'reject'],
    [new AuthError('tcp://a'), 'fail'],
    [new MissingDependencyError('pg', 'a store'), 'fail'],
    [new FencedError('a', 'taken over'), 'fail'],
    [new PipelineError('p', 'broken'), 'fail'],
    [new TypeError('x is undefined'), 'fail'],
    [Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'fail'],
    ['text', 'fail'],
    [undefined, 'fail']
  ])('%s: %s', (error, remedy) => {
    expect(new RetryPolicy().classify(error)).toBe(remedy)
  })

  it('are the own ones where they are given', () => {
    const policy = new RetryPolicy({ classify: (error) => (error === 'odd' ? 'retry' : 'reject') })
    expect([policy.classify('odd'), policy.classify(new AuthError('a'))]).toEqual(['retry', 'reject'])
  })

  it('must be one of three', () => {
    const policy = new RetryPolicy({ classify: () => 'ignore' as never }, 'sink: retry')
    expect(() => policy.classify(new Error('x'))).toThrow(
      "sink: retry.classify must return 'retry', 'reject' or 'fail', got \"ignore\""
    )
  })
})

it.each([
  [{ first: '0s' }, "sink: retry.first must be longer than 0, got '0s'"],
  [{ first: 100 }, "sink: retry.first must be a span of time such as '250ms', '30s', '5min', '1h', got 100"],
  [{ first: '1min' }, "sink: retry.most must be at least first ('1min'), got '30s'"],
  [{ most: '10ms' }, "sink: retry.most must be at least first ('100ms'), got '10ms'"],
  [{ factor: 0.5 }, 'sink: retry.factor must be a number of at least 1, got 0.5'],
  [{ factor: Number.NaN }, 'sink: retry.factor must be a number of at least 1, got NaN'],
  [{ jitter: 1.5 }, 'sink: retry.jitter must be a number from 0 to 1, got 1.5'],
  [{ jitter: -0.1 }, 'sink: retry.jitter must be a number from 0 to 1, got -0.1'],
  [{ giveUpAfter: '0s' }, "sink: retry.giveUpAfter must be longer than 0, got '0s'"],
  [{ classify: 'retry' }, 'sink: retry.classify must be a function, got "retry"'],
  [{ random: 4 }, 'sink: retry.random must be a function, got 4']
])('refuses %j', (options, message) => {
  expect(() => new RetryPolicy(options as never, 'sink: retry')).toThrow(message)
})
