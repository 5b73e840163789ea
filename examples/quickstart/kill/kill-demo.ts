// `npm run demo -- --kill`: two programs read the same messages, are killed at the same moments, and what each has stored is counted.
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { closing, opening } from './account.ts'
import { killOptions } from './kill-options.ts'
import { Publisher } from './publisher.ts'
import { ReaderProcess } from './reader-process.ts'
import { seeded } from './seeded.ts'
import { SmallBroker } from './small-broker.ts'
import { deadLetters, verdict } from './verdict.ts'

/** How long both live, from when both are back to the kill, ms. */
const LIVES = [300, 2000] as const
const BROKER_IS_AWAY_MS = 1000
/** Longest wait for both to be back, or to have taken everything, ms. */
const PATIENCE_MS = 60_000

process.chdir(`${import.meta.dirname}/..`)
const { kills, seed, rate } = killOptions(process.argv.slice(2))
const folder = 'out/kill'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const began = performance.now()
const random = seeded(seed)

const broker = new SmallBroker()
await broker.start()
const paths = { plain: `${folder}/plain.duckdb`, messwerk: `${folder}/messwerk.duckdb`, state: `${folder}/state` }
const readers = [
  new ReaderProcess('plain', `${folder}/plain.log`, ['kill/plain-mqtt.ts', broker.url, paths.plain]),
  new ReaderProcess('messwerk', `${folder}/messwerk.log`, [
    'kill/messwerk-mqtt.ts',
    broker.url,
    paths.messwerk,
    paths.state
  ])
]
const publisher = new Publisher(broker.url, rate, () => broker.takesMore)
broker.untilQuiet = () => publisher.untilQuiet()

const killedAt: number[] = []

console.log(opening({ kills, seed, rate }))
startBoth()
await bothReady()
say('both have subscribed; publishing begins')
publisher.start()
for (let kill = 1; kill <= kills; kill += 1) {
  await sleep(LIVES[0] + random() * (LIVES[1] - LIVES[0]))
  await Promise.all(readers.map((reader) => reader.end('SIGKILL')))
  killedAt.push(publisher.ledger.size)
  say(`kill ${kill} of ${kills}: SIGKILL to both; ${publisher.ledger.size} messages so far`)
  startBoth()
  await bothReady()
  if (kill === Math.ceil(kills / 2)) await restartBroker()
}
await sleep(2000)
await publisher.stop()
say(`${publisher.ledger.size} messages published; waiting until the broker has nothing left for either`)
await untilTaken()
await untilWritten() // what has been acknowledged and not yet written gets its time
await Promise.all(readers.map((reader) => reader.end('SIGTERM')))
await broker.close()
const { ledger } = publisher
const plain = await verdict(paths.plain, ledger, killedAt)
const messwerk = await verdict(paths.messwerk, ledger, killedAt)
say('both have been told to stop, and are counted')
console.log(closing({ published: ledger.size, plain, messwerk, deadLetters: deadLetters(paths.state) }))

function say(text: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`)
}

function startBoth(): void {
  for (const reader of readers) reader.start()
}

async function restartBroker(): Promise<void> {
  await sleep(500)
  await broker.restart(BROKER_IS_AWAY_MS)
  say(`broker restarted: away for ${BROKER_IS_AWAY_MS / 1000} s, every connection cut, its sessions kept`)
  await bothReady()
}

async function bothReady(): Promise<void> {
  await until('to be connected', () => readers.every(({ clientId }) => broker.isReady(clientId)))
}

async function untilTaken(): Promise<void> {
  await until('to take what the broker has kept', async () => {
    for (const { clientId } of readers) if ((await broker.keptFor(clientId)) > 0) return false
    return true
  })
}

/** Until no database file has changed for two seconds. */
async function untilWritten(): Promise<void> {
  const files = [paths.plain, paths.messwerk].flatMap((path) => [path, `${path}.wal`])
  const newest = () => Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0))
  await until('to write', () => Date.now() - newest() > 2000)
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    for (const reader of readers) reader.check()
    if (performance.now() > deadline) {
      throw new Error(
        `waited ${PATIENCE_MS / 1000} s for both programs ${what}; what they said is in examples/quickstart/${folder}/*.log`
      )
    }
    await sleep(20)
  }
}
