import { Buffer } from 'node:buffer'
import { NotConnectedError, type SdkError } from '@messwerk/core/model'
import type { IClientOptions, IConnackPacket, MqttClient } from 'mqtt'
import { tlsGiven } from '../connection/tls-options.ts'
import { connectionError, disconnectError } from './connection-errors.ts'
import type { ConnectionPlan, MqttWill } from './connection-options.ts'
import { loadMqtt } from './load-mqtt.ts'

/** What a source or sink asks of its connection. @internal */
export interface SessionOptions {
  readonly plan: ConnectionPlan
  readonly clientId: string
  /** Seconds that the broker keeps the session; 0 = a clean one. */
  readonly expiry: number
  readonly receiveMaximum?: number | undefined
  /** Called before anything is sent: what the broker has kept for the session comes before the subscription. */
  prepare(client: MqttClient): void
  /** The connection ended, and why; called once, after the promise of {@link connectMqtt} is resolved. */
  ended(error: SdkError): void
  readonly signal?: AbortSignal | undefined
}

/** @internal */
export interface Connected {
  readonly client: MqttClient
  readonly connack: IConnackPacket
}

/** Connects once and resolves with the broker's CONNACK; it never reconnects by itself. @throws SdkError @internal */
export async function connectMqtt(session: SessionOptions): Promise<Connected> {
  const { plan, signal } = session
  const lib = await loadMqtt(plan.options.lib)
  const password = await plan.password?.()
  signal?.throwIfAborted()
  const client = lib.connect(clientOptions(session, password))
  session.prepare(client)
  return new Promise((resolve, reject) => {
    let isConnected = false
    let isOver = false
    const end = (error: SdkError): void => {
      if (isOver) return
      isOver = true
      signal?.removeEventListener('abort', aborted)
      client.stream?.destroy()
      if (isConnected) session.ended(error)
      else reject(error)
    }
    const aborted = (): void => end(new NotConnectedError(plan.url, 'stopped while connecting'))
    client.once('connect', (connack) => {
      isConnected = true
      signal?.removeEventListener('abort', aborted)
      resolve({ client, connack })
    })
    client.on('error', (error) => end(connectionError(error, plan)))
    client.on('disconnect', ({ reasonCode = 0 }) => end(disconnectError(reasonCode, plan)))
    client.on('close', () => end(new NotConnectedError(plan.url, 'the connection was closed')))
    signal?.addEventListener('abort', aborted, { once: true })
    client.connect()
  })
}

function clientOptions(session: SessionOptions, password: string | undefined): IClientOptions {
  const { plan, clientId, expiry } = session
  const options: IClientOptions = {
    protocol: plan.protocol as 'mqtt',
    protocolVersion: plan.version,
    host: plan.host,
    port: plan.port,
    clientId,
    clean: expiry === 0,
    keepalive: Math.round(plan.keepaliveMs / 1000),
    connectTimeout: plan.timeoutMs,
    // the pipeline decides when to try again, and a dead client's queue would be a second, unbounded buffer
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    manualConnect: true,
    // its log prints packets, and with them the password
    log: () => {}
  }
  if (plan.protocol.startsWith('ws')) options.path = plan.path
  if (plan.username !== undefined) options.username = plan.username
  if (password !== undefined) options.password = password
  if (plan.options.tls) Object.assign(options, tlsGiven(plan.options.tls))
  if (plan.options.will) options.will = willOf(plan.options.will)
  if (plan.version === 5) options.properties = propertiesOf(session)
  return options
}

function willOf({ topic, payload, qos = 0, retain = false }: MqttWill): NonNullable<IClientOptions['will']> {
  return { topic, payload: Buffer.from(payload as string), qos, retain }
}

function propertiesOf({ plan, expiry, receiveMaximum }: SessionOptions): NonNullable<IClientOptions['properties']> {
  const { userProperties } = plan.options
  return {
    sessionExpiryInterval: expiry,
    ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
    ...(userProperties ? { userProperties: { ...userProperties } } : {})
  }
}

/** Says goodbye and lets go; resolves when the socket is closed or after a second. @internal */
export function disconnectMqtt(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      client.stream?.destroy()
      resolve()
    }, 1000)
    client.end(false, {}, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
