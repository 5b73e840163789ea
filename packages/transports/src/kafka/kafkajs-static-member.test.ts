import { expect, it } from 'vitest'
import type { Broker } from './kafkajs-protocol.ts'
import { asStaticMember } from './kafkajs-static-member.ts'

interface Sent {
  readonly apiVersion?: number
  readonly encode?: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>
  readonly [field: string]: unknown
}

const NEW = { 8: 9, 11: 9, 12: 4, 14: 5 }

/** As kafkajs has it: methods look a request up, by API key, and send what they are given. */
class Asked {
  readonly sent: Sent[] = []
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>>
  readonly lookupRequest = (key: number) => (fields: object) => ({ request: { key, ...fields }, response: 'decoded' })

  constructor(versions: Readonly<Record<number, number>>) {
    this.versions = Object.fromEntries(Object.entries(versions).map(([key, maxVersion]) => [key, { maxVersion }]))
  }

  async heartbeat({ groupId }: { groupId: string }): Promise<void> {
    this.sent.push(this.lookupRequest(12)({ groupId }).request)
  }

  async offsetCommit(fields: object): Promise<void> {
    const exchange = this.lookupRequest(8)(fields)
    expect(exchange.response).toBe('decoded')
    this.sent.push(exchange.request)
  }
}

const brokerOf = (asked: Asked): Broker => asked as unknown as Broker
const identity = { groupId: 'g', groupGenerationId: 3, memberId: 'm-1' }

it('every request of the group names the member, and those of others do not', async () => {
  const asked = new Asked(NEW)
  await asStaticMember(brokerOf(asked), 'press-1').heartbeat(identity)
  await brokerOf(asked).heartbeat(identity)
  expect(asked.sent).toEqual([
    { key: 12, groupId: 'g', groupInstanceId: 'press-1' },
    { key: 12, groupId: 'g' }
  ])
})

it('commits in the version that names the member', async () => {
  const asked = new Asked(NEW)
  const topics = [{ topic: 'line', partitions: [{ partition: 5, offset: '4294967298' }] }]
  await asStaticMember(brokerOf(asked), 'é').offsetCommit({ ...identity, topics })
  const [request] = asked.sent
  expect(request).toMatchObject({ apiKey: 8, apiVersion: 7, apiName: 'OffsetCommit' })
  const { buf, buffer } = (await request?.encode?.()) ?? {}
  expect(buf).toBe(buffer)
  const wanted = [
    ...['0001', '67', '00000003', '0003', '6d2d31', '0002', 'c3a9', '00000001', '0004', '6c696e65'],
    ...['00000001', '00000005', '0000000100000002', 'ffffffff', 'ffff']
  ]
  expect(buffer?.toString('hex')).toBe(wanted.join(''))
})

it.each([8, 11, 12, 14])('a broker that does not know it in request %i is refused', (key) => {
  const asked = new Asked({ ...NEW, [key]: 2 })
  expect(() => asStaticMember(brokerOf(asked), 'a')).toThrow('brokers have from Kafka 2.3 on')
})
