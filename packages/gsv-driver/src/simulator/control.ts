import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { SimulatedGsv } from './simulated-gsv.ts'

type Answer = Readonly<Record<string, unknown>>
type Order = Record<string, unknown>

/** What can be told to a running simulator, by name. */
const ORDERS: Readonly<Record<string, (amplifier: SimulatedGsv, order: Order) => unknown>> = {
  status: ({ sent, lost, silent }) => ({ sent, lost, silent }),
  log: ({ log }) => ({ log }),
  labels: ({ labels }) => ({ labels }),
  inject: (amplifier, order) => amplifier.inject(order as unknown as Parameters<SimulatedGsv['inject']>[0]),
  loseFrames: (amplifier, order) => amplifier.loseFrames(order as unknown as { count: number }),
  corruptFrames: (amplifier, order) => amplifier.corruptFrames(order as unknown as { count: number }),
  disturb: (amplifier, order) => amplifier.disturb(order),
  stall: (amplifier, { ms }) => amplifier.stall(ms as number),
  unplug: (amplifier, { ms }) => unplug(amplifier, ms as number | undefined),
  plug: (amplifier) => amplifier.plug(),
  powerCycle: (amplifier) => amplifier.powerCycle(),
  occupy: (amplifier, { occupied = true }) => amplifier.occupy(occupied === true),
  setLine: (amplifier, { line, level }) => amplifier.setLine(line as number, level as 0 | 1)
}

/** Carries out one line of JSON, `{"do":"stall","ms":500}`, and answers with one. @internal */
export async function control(amplifier: SimulatedGsv, line: string): Promise<string> {
  return JSON.stringify(await answerTo(amplifier, line))
}

async function answerTo(amplifier: SimulatedGsv, line: string): Promise<Answer> {
  try {
    const { do: name, ...order } = JSON.parse(line) as Order
    const run = typeof name === 'string' && Object.hasOwn(ORDERS, name) ? ORDERS[name] : undefined
    if (!run) throw new RangeError(`do must be one of ${Object.keys(ORDERS).join(', ')}, got '${String(name)}'`)
    const { sent } = amplifier
    const result = await run(amplifier, order)
    return { ok: true, sent, ...(result as object | undefined) }
  } catch (error) {
    return { ok: false, error: (error as Error).message }
  }
}

/** With a time the cable is put in again after it. */
async function unplug(amplifier: SimulatedGsv, ms: number | undefined): Promise<void> {
  if (ms !== undefined && !(ms > 0)) throw new RangeError(`unplug: ms must be more than 0, got ${ms}`)
  await amplifier.unplug()
  if (ms !== undefined) setTimeout(() => void amplifier.plug().catch(() => {}), ms)
}

/** Serves the control channel over TCP, to any number of clients; returns its URL and how it is closed. @internal */
export async function serveControl(amplifier: SimulatedGsv, host: string, port: number) {
  const clients = new Set<Socket>()
  const server: Server = createServer((socket) => {
    clients.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => void clients.delete(socket))
    void obey(amplifier, createInterface({ input: socket }), (answer) => socket.writable && socket.write(`${answer}\n`))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const close = async (): Promise<void> => {
    for (const client of clients) client.destroy()
    await new Promise<void>((resolve) => void server.close(() => resolve()))
  }
  return { url: `tcp://${host}:${(server.address() as { port: number }).port}`, close }
}

/** Carries out orders one after the other. @internal */
export async function obey(
  amplifier: SimulatedGsv,
  orders: AsyncIterable<string>,
  answer: (line: string) => void
): Promise<void> {
  for await (const line of orders) if (line.trim() !== '') answer(await control(amplifier, line))
}
