// The twenty lines one usually finds, without anything left out: QoS 1 and a persistent session (fixed client id, `clean: false`),
// so that the broker keeps what comes while this is away, and an INSERT for each message.
import { DuckDBInstance } from '@duckdb/node-api'
import mqtt from 'mqtt'

const [url, path] = process.argv.slice(2) as [string, string]
const database = await DuckDBInstance.create(path)
const connection = await database.connect()
await connection.run('CREATE TABLE IF NOT EXISTS readings (machine TEXT, ts BIGINT, id INTEGER, temperature DOUBLE)')

const client = mqtt.connect(url, { clientId: 'plain', clean: false })
client.on('connect', () => client.subscribe('line/+', { qos: 1 }))
client.on('error', (error) => console.error(error.message))
client.on('message', (topic, payload) => {
  const { ts, id, temperature } = JSON.parse(payload.toString())
  connection.run('INSERT INTO readings VALUES ($1, $2, $3, $4)', [topic, ts, id, temperature]).catch(console.error)
})
