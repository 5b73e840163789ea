import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { startMosquitto } from '../../../../test/servers/mosquitto.ts'

const KILLS = 5
const MESSAGES = 6000
const program = fileURLToPath(new URL('./fixtures/consumer-process.ts', import.meta.url))
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Consumer {
  readonly child: ChildProcess
  readonly log: string[]
  prints(text: string): Promise<void>
}

function consumer(...args: readonly string[]): Consumer {
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  child.stderr?.on('data', (bytes: Buffer) => log.push(bytes.toString()))
  let printed = ''
  let look = (): void => {}
  child.stdout?.on('data', (bytes: Buffer) => {
    printed += bytes.toString()
    look()
  })
  const prints = (text: string): Promise<void> =>
    new Promise((resolve) => {
      look = () => printed.includes(text) && resolve()
      look()
    })
  return { child, log, prints }
}

const stored = (file: string): number[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => (JSON.parse(line) as { t: number }).t)
    : []

describe.each([false, true])('killed with SIGKILL five times, with a checkpoint store: %s', (hasStore) => {
  it('loses nothing', async (test) => {
    const broker = await startMosquitto()
    if (typeof broker === 'string') return test.skip(broker)
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-mqtt-kill-'))
    const file = join(folder, 'out.ndjson')
    const args = [broker.url, file, ...(hasStore ? [join(folder, 'state')] : [])]
    const publisher = await mqtt.connectAsync(broker.url)
    let running = consumer(...args)
    try {
      await running.prints('subscribed') // until then there is no session
      const sending = (async () => {
        for (let t = 0; t < MESSAGES; t += 20) {
          const some = Array.from({ length: 20 }, (_, i) => JSON.stringify({ ts: 1_700_000_000_000 + t + i, t: t + i }))
          await Promise.all(some.map((text) => publisher.publishAsync('line/m1', text, { qos: 1 })))
          await pause(10)
        }
      })()
      for (let kill = 0; kill < KILLS; kill += 1) {
        await pause(150 + 130 * kill)
        running.child.kill('SIGKILL')
        running = consumer(...args)
        await running.prints('ready')
      }
      await sending
      const deadline = Date.now() + 20_000
      while (new Set(stored(file)).size < MESSAGES && Date.now() < deadline) await pause(50)
      const got = stored(file)
      const missing = Array.from({ length: MESSAGES }, (_, i) => i).filter((i) => !got.includes(i))
      expect(missing, running.log.join('')).toEqual([])
      expect(running.log.join('')).toBe('')
    } finally {
      running.child.kill('SIGKILL')
      await publisher.endAsync(true)
      await broker.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
