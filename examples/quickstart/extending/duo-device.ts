import { type ByteLink, type ByteReceiver, systemTime } from '@messwerk/core/driver'
import type { DriverDevice } from '@messwerk/core/testing'
import { sumOf } from './duo-driver.ts'

/** What the transmitter measures: kN and mm. */
export function duoValues(scan: number): readonly [number, number] {
  return [(scan % 20_000) / 100, (((scan * 7) % 5000) - 2500) / 100]
}

/** The bytes of a scan. */
export function duoFrame(scan: number): Uint8Array {
  const bytes = new Uint8Array(7)
  const view = new DataView(bytes.buffer)
  const [force, travel] = duoValues(scan)
  view.setUint8(0, 0xa5)
  view.setInt16(2, Math.round(force * 100), true)
  view.setInt16(4, Math.round(travel * 100), true)
  view.setUint8(6, sumOf(bytes, 0, 6))
  return bytes
}

/** A made-up transmitter: `?` describes it, `G` starts and `H` stops it. */
export function duoDevice(): DriverDevice {
  let transmits = false
  return {
    get transmits() {
      return transmits
    },
    take(bytes) {
      const request = String.fromCharCode(...bytes)
      if (request !== '?') transmits = request === 'G'
      return answer(request === '?' ? 'rate=500;force=kN;travel=mm' : '')
    }
  }
}

function answer(text: string): Uint8Array {
  const bytes = Uint8Array.of(0xa6, text.length, ...new TextEncoder().encode(text), 0)
  bytes[bytes.length - 1] = sumOf(bytes, 0, bytes.length - 1)
  return bytes
}

/** A line to such a transmitter in this process, in real time. */
export function duoLink({ isDead = false } = {}): ByteLink {
  const device = duoDevice()
  let receiver: ByteReceiver | undefined
  let sent = 0
  const timer = setInterval(() => {
    if (!device.transmits) return
    const bytes = new Uint8Array(7 * 5)
    for (let i = 0; i < 5; i += 1) bytes.set(duoFrame(sent++), 7 * i)
    receiver?.data(bytes, systemTime.elapsed())
  }, 10)
  return {
    url: 'duo:',
    start(to) {
      receiver = to
      if (isDead) setTimeout(() => to.closed(new Error('nobody is there')), 1)
    },
    async write(bytes) {
      const answered = isDead ? undefined : device.take(bytes)
      if (answered) setTimeout(() => receiver?.data(answered, systemTime.elapsed()), 1)
    },
    async close() {
      clearInterval(timer)
    }
  }
}
