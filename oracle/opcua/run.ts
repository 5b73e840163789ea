// `npm run oracle:opcua -- --server milo --rounds 10 --json docs/reliability/opcua-milo.json`: see docs/reliability.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startAsyncua } from '../../test/servers/asyncua.ts'
import { startMilo } from '../../test/servers/milo.ts'
import { versions } from '../versions.ts'
import { opcuaTrial } from './opcua-trial.ts'

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'asyncua' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' }
  }
})

const isMilo = values.server === 'milo'
const server = await (isMilo ? startMilo : startAsyncua)({ history: true, seen: true })
if (typeof server === 'string') throw new Error(server)
try {
  const rounds = Number(values.rounds)
  const faults = Array.from({ length: rounds }, () => ['cut', 'half-open', 'server', 'kill'] as const).flat()
  const settings = { server: isMilo ? 'Eclipse Milo 1.0.5' : 'asyncua 2.1.0', rounds, keepsHistory: !isMilo }
  const result = await opcuaTrial({ server, faults, log: (line) => console.error(line) })
  const { node, platform, duckdb } = versions()
  const text = `${JSON.stringify({ settings, ...result, versions: { node, platform, duckdb } }, undefined, 2)}\n`
  if (values.json) writeFileSync(values.json, text)
  console.log(text)
  const { undeclared, unfilled, repeated, restartsUndeclared, historical } = result
  if (undeclared + unfilled + repeated + restartsUndeclared > 0) process.exitCode = 1
  if (settings.keepsHistory && historical === 0) process.exitCode = 1
} finally {
  await server.stop()
}
