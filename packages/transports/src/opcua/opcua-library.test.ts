import * as opcua from 'node-opcua-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { planConnection } from './connection-options.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { type OpenSession, openSession } from './open-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

// What the source uses below the library's own subscriptions: a version that changes it is noticed here.
describe('node-opcua-client', () => {
  let plant: PlantServer
  let open: OpenSession
  beforeAll(async () => {
    plant = await PlantServer.start({ every: 0 })
    open = await openSession(planConnection({ url: plant.url, security: 'None' }, 'test'), opcua, () => {})
  })
  afterAll(async () => {
    await open.close(false)
    await plant.stop()
  })

  it('has the raw services of a session', () => {
    const { session } = open
    const services = [
      'createSubscription',
      'createMonitoredItems',
      'transferSubscriptions',
      'setPublishingMode',
      'publish',
      'republish'
    ] as const
    expect(services.filter((name) => typeof session[name] !== 'function')).toEqual([])
  })

  it('gives notifications with numbers, and gives one again that was not acknowledged', async () => {
    const { session } = open
    const { subscriptionId } = await session.createSubscription({
      requestedPublishingInterval: 50,
      requestedMaxKeepAliveCount: 1,
      requestedLifetimeCount: 100,
      publishingEnabled: true,
      maxNotificationsPerPublish: 0,
      priority: 1
    })
    await session.createMonitoredItems({
      subscriptionId,
      timestampsToReturn: opcua.TimestampsToReturn.Both,
      itemsToCreate: [
        {
          itemToMonitor: { nodeId: 'ns=2;s=counter', attributeId: opcua.AttributeIds.Value },
          monitoringMode: opcua.MonitoringMode.Reporting,
          requestedParameters: { clientHandle: 7, samplingInterval: 0, queueSize: 10, discardOldest: true }
        }
      ]
    } as never)
    const message = await new Promise<opcua.NotificationMessage>((resolve, reject) => {
      session.publish(new opcua.PublishRequest({ subscriptionAcknowledgements: [] }), (error, response) => {
        if (response) resolve(response.notificationMessage)
        else reject(error)
      })
    })
    const again = await new Promise<opcua.NotificationMessage>((resolve, reject) => {
      const request = new opcua.RepublishRequest({ subscriptionId, retransmitSequenceNumber: message.sequenceNumber })
      session.republish(request, (error, response) =>
        response ? resolve(response.notificationMessage) : reject(error)
      )
    })
    const of = ({ notificationData }: opcua.NotificationMessage): unknown[] => {
      const [data] = (notificationData ?? []) as unknown as opcua.DataChangeNotification[]
      return data?.monitoredItems?.map(({ clientHandle, value }) => [clientHandle, value.value.value]) ?? []
    }
    expect(message.sequenceNumber).toBe(1)
    expect(of(message)).toEqual([[7, 0]])
    expect(of(again)).toEqual(of(message))
  })
})
