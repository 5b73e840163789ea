// QoS 1 messages that a broker has kept, through detection into a store with checkpoints on disk, against the client
// library that only counts them. Publishing them is not measured.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detect, pipeline } from '@messwerk/core'
import { robustZ } from '@messwerk/detectors'
import { duckdbReader, duckdbSink } from '@messwerk/storage/duckdb'
import { json, mqttSource } from '@messwerk/transports/mqtt'
import mqtt, { type IClientOptions } from 'mqtt'
import { startMosquitto } from '../test/servers/mosquitto.ts'
import { bench, type Done } from './harness.ts'

const MESSAGES = process.argv.includes('--short') ? 2_000 : 100_000
const WINDOW = 10_000
const START = Date.UTC(2026, 0, 1)

const folder = mkdtempSync(join(tmpdir(), 'messwerk-bench-'))
const broker = await startMosquitto({ limits: 'off', persistence: false })
if (typeof broker === 'string') {
  console.log(`bench mqtt: left out: ${broker}`)
  process.exit(0)
}
const { url } = broker
let runs = 0

const session = (clientId: string): IClientOptions => ({
  clientId,
  protocolVersion: 5,
  clean: false,
  properties: { sessionExpiryInterval: 3600, receiveMaximum: WINDOW },
  reconnectPeriod: 0
})

/** About 60 bytes. */
function message(i: number): string {
  return `{"ts":${START + i},"value":${(20 + Math.sin(i / 50)).toFixed(6)},"seq":${i},"unit":"Cel"}`
}

/** Lets the broker keep all messages for a new client; returns its id. */
async function keepMessages(): Promise<string> {
  runs += 1
  const clientId = `reader-${runs}`
  const reader = await mqtt.connectAsync(url, session(clientId))
  await reader.subscribeAsync('line/oven', { qos: 1 })
  await reader.endAsync()
  const publisher = await mqtt.connectAsync(url, { protocolVersion: 5 })
  for (let i = 0; i < MESSAGES; i += 500) {
    const some = Array.from({ length: Math.min(500, MESSAGES - i) }, (_, k) => message(i + k))
    await Promise.all(some.map((text) => publisher.publishAsync('line/oven', text, { qos: 1 })))
  }
  await publisher.endAsync()
  return clientId
}

async function counting(): Promise<Done> {
  const clientId = await keepMessages()
  const start = performance.now()
  const client = mqtt.connect(url, Object.assign(session(clientId), { manualConnect: true }))
  let count = 0
  await new Promise<void>((resolve) => {
    client.on('message', () => {
      count += 1
      if (count === MESSAGES) resolve()
    })
    client.connect()
  })
  const seconds = (performance.now() - start) / 1000
  await client.endAsync()
  return { work: MESSAGES / 1000, result: count, seconds }
}

async function detecting(): Promise<Done> {
  const clientId = await keepMessages()
  const path = join(folder, `${clientId}.duckdb`)
  const source = mqttSource({
    url,
    clientId,
    topics: 'line/{machine}',
    window: WINDOW,
    payload: json({ channels: { value: 'Cel' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' })
  })
  const start = performance.now()
  const run = pipeline('bench')
    .from(source)
    .pipe(detect(robustZ(), { learn: '10s' }))
    .to(duckdbSink({ path, table: 'scores' }))
    .start({ directory: join(folder, clientId) })
  while (run.metrics.scans < MESSAGES) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await run.checkpoint() // all of it is in the store, saved, and acknowledged
  const seconds = (performance.now() - start) / 1000
  await run.stop()
  const reader = duckdbReader({ path, table: 'scores' })
  let rows = 0
  for await (const { length } of reader.range({ stream: 'line/oven' })) rows += length
  await reader.close()
  return { work: MESSAGES / 1000, result: rows, seconds }
}

try {
  console.log(`windows: broker without limits, client ${WINDOW}; messages of ${message(MESSAGES / 2).length} bytes`)
  await bench('mqtt', async (b) => {
    await b.versus('qos1-detect-duckdb', {
      unit: 'kmessages/s',
      better: 'higher',
      ours: detecting,
      peer: counting,
      peerName: 'mqtt.js alone'
    })
  })
} finally {
  await broker.stop()
  rmSync(folder, { recursive: true, force: true })
}
