import { AuthError, NotConnectedError, ProtocolError, type SdkError, TimeoutError } from '@messwerk/core/model'
import type { MqttClient } from 'mqtt'
import { connectionError } from './connection-errors.ts'
import type { SourcePlan } from './mqtt-source-options.ts'
import { kindOfReason, reasonText } from './reason-codes.ts'

// MQTT 5, 3.8.3.1: 1 = retained messages only for a new subscription, 2 = none
const RETAINED_IF_NEW = 1
const NO_RETAINED = 2

/**
 * Subscribes, on each connection anew. Resolves with what the broker granted less than was asked for, if anything.
 *
 * @param isBusy - whether the answer may still stand behind messages that have not been taken
 * @throws SdkError when it refuses a filter or does not answer
 *
 * @internal
 */
export function subscribe(client: MqttClient, plan: SourcePlan, isBusy: () => boolean): Promise<string | undefined> {
  const { qos, connection, usesRetained, templates } = plan
  const rh = connection.version === 5 ? { rh: usesRetained ? RETAINED_IF_NEW : NO_RETAINED } : {}
  const filters = templates.map(({ filter }) => filter)
  const asked = Object.fromEntries(filters.map((filter) => [filter, { qos, ...rh }]))
  return new Promise((resolve, reject) => {
    const late = setInterval(() => {
      if (!isBusy()) end(new TimeoutError(`the answer of ${connection.url} to SUBSCRIBE`, connection.timeoutMs))
    }, connection.timeoutMs)
    const closed = (): void => end(new NotConnectedError(connection.url, 'the connection was closed'))
    const end = (error: SdkError | undefined, weaker?: string): void => {
      clearInterval(late)
      client.removeListener('close', closed)
      if (error) reject(error)
      else resolve(weaker)
    }
    client.once('close', closed)
    client.subscribe(asked, (error, _granted, packet) => {
      const granted = (packet?.granted ?? []) as readonly number[]
      const refused = granted.findIndex((code) => code >= 128)
      if (refused >= 0) return end(refusal(filters[refused] as string, granted[refused] as number, plan))
      if (error) return end(connectionError(error, connection))
      const weaker = granted.findIndex((code) => code < qos)
      if (weaker < 0) return end(undefined)
      end(undefined, `the broker granted QoS ${granted[weaker]} for '${filters[weaker]}', not ${qos}`)
    })
  })
}

function refusal(filter: string, code: number, { connection }: SourcePlan): SdkError {
  const why = `it refused the subscription to '${filter}': ${reasonText(code)}`
  if (kindOfReason(code) === 'credentials') return new AuthError(connection.url, why)
  return new ProtocolError(`${connection.url}: ${why}`)
}
