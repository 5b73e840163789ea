import { describe, expect, it } from 'vitest'
import { type Subscription, takeOver } from './open-subscription.ts'

/** A server that gives every subscription away that it is asked for. */
function serverOf(start: Date | null): { readonly session: never; readonly asked: number[] } {
  const asked: number[] = []
  const session = {
    read: async () => ({ value: { value: start } }),
    transferSubscriptions: async ({ subscriptionIds }: { readonly subscriptionIds: readonly number[] }) => {
      asked.push(...subscriptionIds)
      return { results: [{ statusCode: { isGood: () => true } }] }
    }
  }
  return { session: session as never, asked }
}

describe('a subscription of an earlier connection', () => {
  const made = { id: 5, serverStart: 1000 } as Subscription

  it('is taken over from a server that runs on', async () => {
    const { session, asked } = serverOf(new Date(1000))
    expect([await takeOver(session, made), asked]).toEqual([true, [5]])
  })

  it('is not asked for where the server was started meanwhile: its number is that of another one', async () => {
    const { session, asked } = serverOf(new Date(2000))
    expect([await takeOver(session, made), asked]).toEqual([false, []])
  })

  it('is not asked for where the server does not say when it was started', async () => {
    const { session, asked } = serverOf(null)
    expect([await takeOver(session, { ...made, serverStart: Number.NaN }), asked]).toEqual([false, []])
  })
})
