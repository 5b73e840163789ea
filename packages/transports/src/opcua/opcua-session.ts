import type {
  ClientSession,
  ClientSessionPublishService,
  ClientSessionRawSubscriptionService,
  StatusCode
} from 'node-opcua-client'

// its overload with a callback would be taken for the one without
type Raw = Omit<ClientSessionRawSubscriptionService, 'transferSubscriptions'>

/**
 * A session with the services that the library's own subscriptions are made of; it exports their types and does not name
 * them as part of a session. `opcua-library.test.ts` looks whether they are there.
 *
 * @internal
 */
export interface OpcuaSession extends ClientSession, Raw, ClientSessionPublishService {
  setPublishingMode(publishingEnabled: boolean, subscriptionId: number): Promise<unknown>
  transferSubscriptions(request: { readonly subscriptionIds: number[]; readonly sendInitialValues: boolean }): Promise<{
    readonly results?:
      | readonly { readonly statusCode: StatusCode; readonly availableSequenceNumbers?: readonly number[] | null }[]
      | null
  }>
}
