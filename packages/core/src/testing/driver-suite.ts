import { deepStrictEqual as equal, ok, strictEqual } from 'node:assert'
import { setImmediate as macrotask } from 'node:timers/promises'
import { isSdkError, NotConnectedError } from '../model/errors.ts'
import { systemTime } from '../time/system-time.ts'
import { DriverPeer } from './driver-peer.ts'
import {
  again,
  type DeliveredScan,
  deliveredScans,
  framesOf,
  joined,
  readDriver,
  sent,
  slowly,
  splits,
  stream,
  withinTime
} from './driver-reading.ts'
import type { DriverSubject } from './driver-subject.ts'
import { type Check, checksOf, declareSuite, type SuiteRunner } from './suite.ts'

/**
 * Every rule of a driver for a device that pushes scans over a byte link, one check each.
 *
 * @example
 * ```ts
 * import { driverChecks } from '@messwerk/core/testing'
 *
 * const subject = { open: () => { throw new Error('not here') }, rate: 10, channels: {}, values: () => [], frame: () => Uint8Array.of(1) }
 * const skipped = [...driverChecks(subject)].flatMap(({ name, skip }) => skip ? [name.split(' ')[0]] : [])
 * skipped // => ['V5', 'V11', 'V13']
 * ```
 */
export function driverChecks(subject: DriverSubject): Generator<Check> {
  const skip: Record<string, string> = { ...subject.skip }
  if (!subject.damage) skip.V5 ??= 'its frames have no checksum'
  if (subject.bufferScans === undefined) skip.V11 ??= 'what it holds at most is not known'
  if (!subject.device) skip.V13 ??= 'it asks its device nothing'
  return checksOf(rules, subject, skip)
}

/**
 * Declares a test for each rule of a driver. A skipped rule shows its reason in the name. The contract of a source is
 * another suite, for the same driver: `sourceSuite`.
 *
 * @param runner - `{ describe, it }` of the test runner; default: those it has made global
 *
 * @example
 * ```ts
 * import { driverSuite } from '@messwerk/core/testing'
 *
 * const names: string[] = []
 * const it = Object.assign((name: string) => names.push(name), { skip: () => {} })
 * const subject = { open: () => { throw new Error('not here') }, rate: 10, channels: {}, values: () => [], frame: () => Uint8Array.of(1) }
 * driverSuite('nothing', subject, { describe: (_, body) => body(), it })
 * names.length // => 10
 * ```
 */
export function driverSuite(name: string, subject: DriverSubject, runner?: SuiteRunner): void {
  declareSuite(`${name} keeps the contract of a driver`, driverChecks(subject), runner)
}

const rules: Readonly<Record<string, (on: DriverSubject) => Promise<void>>> = {
  'V1 opens nothing before it is read, writes only what a reading needs, and closes its link': async (on) => {
    let opened = 0
    const peer = new DriverPeer(on.rate, undefined)
    on.open(() => {
      opened += 1
      return peer
    })
    await macrotask()
    strictEqual(opened, 0, 'links opened before the driver is read')
    const reading = await sent(on, 0, 50)
    for (const bytes of reading.peer.written) {
      ok(
        on.mayWrite?.(bytes) ?? false,
        `it writes ${Buffer.from(bytes).toString('hex')}, which a reading does not need`
      )
    }
    ok(reading.peer.isClosed, 'the link is closed at the end')
  },
  'V2 every scan comes once, in order, with its values': async (on) => {
    const scans = deliveredScans(await sent(on, 0, 600))
    equal(valuesOf(scans), expected(on, 0, 600))
    equal(gapsOf(scans), [])
  },
  'V3 chunks that are cut anywhere give the same scans': async (on) => {
    for (const size of [1, 7, 13, 64, 100_000]) {
      const bytes = framesOf(on, 0, 40)
      const reading = await readDriver(on, (peer) => {
        for (let at = 0; at < bytes.length; at += size) peer.send(bytes.subarray(at, at + size), 40)
        peer.lose()
      })
      equal(valuesOf(deliveredScans(reading)), expected(on, 0, 40), `in chunks of ${size} bytes`)
    }
  },
  'V4 garbage between frames costs no frame beside it, and is declared': async (on) => {
    const { garbage = new Uint8Array(7) } = on
    const reading = await readDriver(on, (peer) => {
      peer.send(framesOf(on, 0, 10), 10)
      peer.send(joined([on.frame(10), garbage, on.frame(11)]), 11)
      peer.send(framesOf(on, 12, 30), 30)
      peer.lose()
    })
    const scans = deliveredScans(reading)
    equal(valuesOf(scans), expected(on, 0, 30))
    equal(gapsOf(scans), [11], 'scans with a gap before them')
  },
  'V5 a damaged frame is a declared gap, never a value': async (on) => {
    const damaged = on.damage?.(on.frame(10)) as Uint8Array
    const reading = await readDriver(on, (peer) => {
      peer.send(joined([framesOf(on, 0, 10), damaged, framesOf(on, 11, 30)]), 30)
      peer.lose()
    })
    const scans = deliveredScans(reading)
    equal(valuesOf(scans), [...expected(on, 0, 10), ...expected(on, 11, 30)])
    equal(gapsOf(scans), [10], 'scans with a gap before them')
  },
  'V6 scans that are lost are declared, with their number, before the right scan': async (on) => {
    const second = Math.ceil(on.rate)
    const reading = await readDriver(on, async (peer) => {
      await stream(on, peer, 0, 4 * second)
      await stream(on, peer, 5 * second, 10 * second)
      peer.lose()
    })
    const scans = deliveredScans(reading)
    const gaps = scans.flatMap(({ gap }, i) => (gap ? [{ scans: gap.scans, before: i }] : []))
    equal(gaps, [{ scans: second, before: 4 * second }])
  },
  'V7 a lost link is a NotConnectedError, after all that was received': async (on) => {
    const { batches, error } = await sent(on, 0, 50)
    strictEqual(deliveredScans({ batches }).length, 50, 'scans before the error')
    ok(error instanceof NotConnectedError, `the error is a NotConnectedError, got ${String(error)}`)
  },
  'V8 a stop hands over what was taken': async (on) => {
    const { batches, error, peer } = await readDriver(on, (peer, stop) => {
      peer.send(framesOf(on, 0, 50), 50)
      stop()
    })
    equal(valuesOf(deliveredScans({ batches })), expected(on, 0, 50))
    strictEqual(error, undefined)
    ok(peer.isClosed, 'the link is closed')
  },
  'V9 times strictly increase, name their clock, and are as true as they say': async (on) => {
    const seconds = 4 * Math.ceil(on.rate)
    const reading = await readDriver(on, async (peer) => {
      await stream(on, peer, 0, seconds, (i) => ((i * 7) % 5) / 4)
      peer.lose()
    })
    const scans = deliveredScans(reading)
    for (const [i, { time }] of scans.entries()) {
      if (i > 0) ok(time > (scans[i - 1] as DeliveredScan).time, `scan ${i} is not later than the scan before it`)
    }
    const epoch = systemTime.now() - systemTime.elapsed()
    for (const [i, { time, block }] of scans.entries()) {
      ok(clocks.includes(block.time.clock), `clock is '${block.time.clock}'`)
      ok(Number.isFinite(block.time.uncertainty) && block.time.uncertainty >= 0, 'uncertainty is a number of ns')
      if (i < 0.75 * seconds) continue
      const off = Math.abs(Number(time) / 1e6 - epoch - reading.peer.madeAt(i))
      ok(off <= block.time.uncertainty / 1e6 + 5, `scan ${i} is ${off} ms off, ±${block.time.uncertainty} ns is said`)
    }
  },
  'V10 channels have their names and units': async (on) => {
    const [first] = deliveredScans(await sent(on, 0, 50))
    const channels = first?.block.stream.channels.map(({ name, unit }) => [name, unit])
    equal(Object.fromEntries(channels ?? []), on.channels)
  },
  'V11 a reader that does not come costs bounded memory, and what did not fit is declared': async (on) => {
    const most = on.bufferScans as number
    const total = 3 * most + 2000
    const { scans, missing, causes } = await slowly(on, total)
    strictEqual(scans + missing, total, `scans delivered (${scans}) and declared`)
    ok(scans <= 1.25 * most + 1000, `${scans} scans were held, ${most} are allowed`)
    ok(causes.has('overflow'), 'a gap has the cause overflow')
  },
  'V12 read again, it goes on behind its position, with a gap': async (on) => {
    let peer: DriverPeer | undefined
    const source = on.open(() => (peer = new DriverPeer(on.rate, on.device?.())))
    const first = await again(on, source, () => peer, {})
    const last = first.batches.at(-1)
    ok(last, 'it delivers something')
    const second = await again(on, source, () => peer, { [last.split]: last.position })
    equal(valuesOf(deliveredScans(second)), expected(on, 0, 50))
    for (const { split, position } of second.batches) {
      ok(split !== last.split || position > last.position, `position ${position} comes after ${last.position}`)
    }
    ok(deliveredScans(second)[0]?.gap, 'a gap before the first scan of the second reading')
  },
  'V13 a device that never answers is one error, in time': async (on) => {
    const peer = new DriverPeer(on.rate, { transmits: false, take: () => undefined })
    const read = async (): Promise<void> => {
      for await (const _ of on.open(() => peer).read({ signal: new AbortController().signal, from: {}, splits }));
    }
    const error = await withinTime(
      read().catch((thrown: unknown) => thrown),
      on,
      'an error'
    )
    ok(isSdkError(error), `the error is one of the SDK's tree, got ${String(error)}`)
    ok(peer.isClosed, 'the link is closed')
  }
}

const clocks = ['device', 'source', 'server', 'broker', 'arrival']

const valuesOf = (scans: readonly DeliveredScan[]): (readonly number[])[] => scans.map(({ values }) => values)

const expected = (on: DriverSubject, from: number, to: number): (readonly number[])[] =>
  Array.from({ length: to - from }, (_, i) => on.values(from + i))

/** Numbers of the scans that a gap is declared before. */
const gapsOf = (scans: readonly DeliveredScan[]): number[] => scans.flatMap(({ gap }, i) => (gap ? [i] : []))
