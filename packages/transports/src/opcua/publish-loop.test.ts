import * as opcua from 'node-opcua-client'
import { describe, expect, it } from 'vitest'
import { SubscriptionGivenUp } from './opcua-errors.ts'
import { PublishLoop, type PublishLoopOptions } from './publish-loop.ts'

type Answer = (error: Error | null, response?: unknown) => void

/** A server that answers when it is told to. */
class FakeSession {
  readonly requests: { readonly acks: number[]; readonly answer: Answer }[] = []
  readonly republished: number[] = []
  readonly kept = new Set<number>()

  publish(request: opcua.PublishRequest, answer: Answer): void {
    const acks = request.subscriptionAcknowledgements?.map(({ sequenceNumber }) => sequenceNumber) ?? []
    this.requests.push({ acks, answer })
  }

  republish({ retransmitSequenceNumber: number }: opcua.RepublishRequest, answer: Answer): void {
    this.republished.push(number)
    setImmediate(() => {
      if (this.kept.has(number)) answer(null, { notificationMessage: message(number) })
      else answer(new Error('serviceResult = BadMessageNotAvailable (0x807B0000)'))
    })
  }

  /** Answers the oldest request. */
  send(number: number, hasData = true): void {
    this.requests.shift()?.answer(null, { subscriptionId: 5, notificationMessage: message(number, hasData) })
  }
}

function message(sequenceNumber: number, hasData = true): unknown {
  return { sequenceNumber, notificationData: hasData ? [{}] : [] }
}

function start(options: Partial<PublishLoopOptions> = {}) {
  const session = new FakeSession()
  const took: number[] = []
  const missing: number[] = []
  const errors: unknown[] = []
  const loop = new PublishLoop({
    session: session as never,
    lib: opcua,
    subscriptionId: 5,
    last: undefined,
    answerMs: 1000,
    room: () => 4,
    took: ({ sequenceNumber, notificationData }) => {
      took.push(notificationData?.length ? sequenceNumber : -sequenceNumber)
    },
    heard: () => {},
    missing: (count) => missing.push(count),
    republished: () => {},
    failed: (error) => errors.push(error),
    ...options
  })
  loop.fill()
  return { session, took, missing, errors, loop }
}

/** Until all that was asked for again has been answered: each answer comes in a turn of the event loop. */
async function later(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('publish requests', () => {
  it('are sent three at a time, and acknowledge what was taken', () => {
    const { session, took } = start()
    expect(session.requests.length).toBe(3)
    session.send(1)
    session.send(2)
    expect(took).toEqual([1, 2])
    expect(session.requests.map(({ acks }) => acks)).toEqual([[], [1], [2]])
  })

  it('are not sent while there is no room', () => {
    let room = 2
    const { session, loop } = start({ room: () => room })
    expect(session.requests.length).toBe(2)
    room = 0
    session.send(1)
    session.send(2)
    expect(session.requests.length).toBe(0)
    expect(loop.isAsking).toBe(false)
    room = 1
    loop.fill()
    expect(session.requests.length).toBe(1)
  })

  it('ask again for what was skipped, and hand it over first', async () => {
    const { session, took, missing } = start()
    session.kept.add(2).add(3)
    session.send(1)
    session.send(4)
    session.send(5)
    await later()
    expect(took).toEqual([1, 2, 3, 4, 5])
    expect([session.republished, missing]).toEqual([[2, 3], []])
  })

  it('declare what the server does not have any more, before what comes behind it', async () => {
    const order: string[] = []
    const { session } = start({
      took: ({ sequenceNumber }) => void order.push(`took ${sequenceNumber}`),
      missing: (count) => order.push(`missing ${count}`)
    })
    session.kept.add(3)
    session.send(1)
    session.send(4)
    await later()
    expect(order).toEqual(['took 1', 'missing 1', 'took 3', 'took 4'])
  })

  it('miss nothing where a number told the session before of a transfer, and the server keeps what it has sent', async () => {
    for (const keepsLatest of [true, false]) {
      const { session, took, missing } = start({ last: 3, handOver: 5 })
      session.kept.add(4)
      if (keepsLatest) session.kept.add(6)
      session.send(6)
      await later()
      expect([took, missing]).toEqual([[4, 6], keepsLatest ? [] : [1]])
    }
  })

  it('find a lost notification by a keep-alive, which has the number of the next one', async () => {
    const { session, took, missing } = start()
    session.send(1)
    session.send(2, false)
    session.send(3, false)
    session.send(3, false)
    await later()
    expect([took, missing]).toEqual([[1, -2, -3, -3], [1]])
    expect(session.republished).toEqual([2])
  })

  it('miss nothing by a keep-alive behind the number that told of a transfer: the next data shows it', async () => {
    for (const keepsLatest of [true, false]) {
      const { session, took, missing, loop } = start({ last: 3, handOver: 4 })
      for (let i = 0; i < 3; i += 1) session.send(5, false)
      await later()
      expect([missing, session.republished, loop.last]).toEqual([[], [4], 3])
      if (keepsLatest) session.kept.add(5)
      session.send(5)
      session.send(6)
      await later()
      expect([took, missing]).toEqual([[-5, -5, -5, 5, 6], keepsLatest ? [] : [1]])
    }
  })

  it('declare what a keep-alive shows to be lost once, also where a number behind it told of a transfer', async () => {
    const { session, took, missing } = start({ last: 3, handOver: 5 })
    for (let i = 0; i < 3; i += 1) session.send(6, false)
    await later()
    expect([took, missing]).toEqual([[-6, -6, -6], [1]])
    session.kept.add(6)
    session.send(6)
    await later()
    expect(missing).toEqual([1])
  })

  it('declare a long hole that a keep-alive shows once', async () => {
    const { session, missing } = start({ last: 3 })
    for (let i = 0; i < 3; i += 1) session.send(504, false)
    session.send(504)
    await later()
    expect([missing, session.republished]).toEqual([[500], [4]])
  })

  it('go on with the next number after a subscription was taken over', async () => {
    const { session, took } = start({ last: 7 })
    session.kept.add(8)
    session.send(7)
    session.send(9)
    await later()
    expect(took).toEqual([8, 9])
  })

  it('count from 1 again behind the largest number', async () => {
    const { session, took, missing } = start({ last: 0xfffffffe })
    session.send(0xffffffff)
    session.send(1)
    await later()
    expect([took, missing, session.republished]).toEqual([[0xffffffff, 1], [], []])
  })

  it('take a notification once that comes late, and was asked for again', async () => {
    const { session, took, errors } = start()
    session.kept.add(2).add(3)
    session.send(1)
    session.send(4)
    await later()
    session.send(2)
    session.send(3)
    await later()
    expect([took, errors]).toEqual([[1, 2, 3, 4], []])
  })

  it.each([1, 0xfffffff0])(
    'give up a subscription whose numbers begin anew (at %d): it is another one',
    async (number) => {
      const { session, took, errors } = start({ last: 100 })
      session.send(number)
      await later()
      expect([took, errors.map((error) => error instanceof SubscriptionGivenUp)]).toEqual([[], [true]])
      expect(session.requests.length).toBe(2)
    }
  )

  it('are fewer where the server takes no more, and end with any other error', () => {
    const { session, errors } = start()
    session.requests.pop()?.answer(new Error('BadTooManyPublishRequests'))
    expect([session.requests.length, errors]).toEqual([2, []])
    session.requests.pop()?.answer(new Error('BadSessionIdInvalid'))
    expect(errors.map(String)).toEqual(['Error: BadSessionIdInvalid'])
    session.send(1)
    expect(session.requests.length).toBe(0)
  })

  it('pile nothing up in a day of keep-alives, with data now and then', async () => {
    const { session, took, loop } = start()
    const kept = { requests: session.requests.length, held: loop.held }
    for (let i = 1, number = 1; i <= 24 * 3600 * 2; i += 1) {
      const hasData = i % 7200 === 0
      session.send(number, hasData)
      if (hasData) number += 1
      if (i % 7200 === 1) expect([session.requests.length, loop.held]).toEqual([kept.requests, kept.held])
    }
    expect(took.filter((number) => number > 0)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1))
  })
})
