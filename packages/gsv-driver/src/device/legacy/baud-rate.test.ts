import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { SerialportLib } from '../../link/serial-link.ts'
import { gsvSource } from '../../source/gsv-source.ts'
import { openGsv } from '../open-gsv.ts'

/** Ports that cannot be opened, and note their baud rate. */
function ports(): { lib: SerialportLib; rates: number[] } {
  const rates: number[] = []
  class Port extends EventEmitter {
    readonly isOpen = false
    constructor({ baudRate }: { readonly baudRate: number }) {
      super()
      rates.push(baudRate)
    }
    open(done: (error: Error) => void): void {
      done(new Error('Error: No such file or directory'))
    }
    close(done: (error: null) => void): void {
      done(null)
    }
  }
  return { lib: { SerialPort: Port as unknown as SerialportLib['SerialPort'] }, rates }
}

const url = 'serial:/dev/ttyUSB9'
const splits = { assigned: async () => undefined, revoked: async () => {}, lost: () => {} }

describe('the baud rate', () => {
  it('is that of the model unless it is given', async () => {
    const { lib, rates } = ports()
    for (const model of ['auto', 'gsv-8', 'gsv-6'] as const) await openGsv({ url, lib, model }).catch(() => {})
    for (const model of ['gsv-4', 'gsv-3', 'gsv-2'] as const) await openGsv({ url, lib, model }).catch(() => {})
    await openGsv({ url, lib, model: 'gsv-3', baudRate: 57_600 }).catch(() => {})
    expect(rates).toEqual([115_200, 115_200, 230_400, 115_200, 38_400, 38_400, 57_600])
  })

  it('is so for a source, too', async () => {
    const { lib, rates } = ports()
    for (const model of ['gsv-4', 'gsv-2'] as const) {
      const source = gsvSource({ url, lib, model })
      const reading = source.read({ signal: new AbortController().signal, from: {}, splits })[Symbol.asyncIterator]()
      await expect(reading.next()).rejects.toThrow()
    }
    expect(rates).toEqual([115_200, 38_400])
  })
})
