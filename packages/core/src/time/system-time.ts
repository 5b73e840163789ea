import type { Scheduler } from './scheduler.ts'

const setImmediateOfNode = (globalThis as { setImmediate?: (callback: () => void) => unknown }).setImmediate
const { hrtime } = (globalThis as { process?: { hrtime?: { bigint(): bigint } } }).process ?? {}

// Browsers have no setImmediate, and nested timers are held back 4 ms there: a message to oneself is not.
let channel: InstanceType<typeof MessageChannel> | undefined
const waiting: (() => void)[] = []

function messageToOneself(callback: () => void): void {
  if (!channel) {
    channel = new MessageChannel()
    const port = channel.port1 as unknown as { onmessage: () => void } // Node's types lack it
    port.onmessage = () => waiting.shift()?.()
  }
  waiting.push(callback)
  channel.port2.postMessage(0)
}

// performance.now() has the fraction but does not follow when the wall clock is set or the machine slept.
let origin = performance.timeOrigin

function wallClock(): number {
  const behind = Date.now() - (origin + performance.now())
  if (behind > 1 || behind < -2) origin += behind
  return origin + performance.now()
}

// setTimeout rings at once when the delay does not fit into 31 bits (24.8 days).
const LONGEST_TIMEOUT = 2 ** 31 - 1

function ring(ms: number, callback: () => void): () => void {
  const rest = ms - LONGEST_TIMEOUT
  let cancel = (): void => clearTimeout(timer)
  const timer = setTimeout(
    () => {
      if (rest > 0) cancel = ring(rest, callback)
      else callback()
    },
    Math.min(ms, LONGEST_TIMEOUT)
  )
  return () => cancel()
}

/**
 * The real clock and the real timers of this machine.
 *
 * @example
 * ```ts
 * import { systemTime } from '@messwerk/core'
 *
 * const before = systemTime.elapsed()
 * await systemTime.macrotask()
 * systemTime.elapsed() >= before // => true
 * ```
 */
export const systemTime: Scheduler = {
  ...(hrtime?.bigint && { uptime: () => Number(hrtime.bigint()) / 1e6 }),
  now: wallClock,
  elapsed: () => performance.now(),
  after: ring,
  macrotask: () => new Promise((resolve) => void (setImmediateOfNode ?? messageToOneself)(resolve))
}
