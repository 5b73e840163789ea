import { EventEmitter } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { type ByteReceiver, systemTime } from '@messwerk/core/driver'
import { InUseError, MissingDependencyError, NotConnectedError } from '@messwerk/core/model'
import { SerialPortMock } from 'serialport'
import { describe, expect, it } from 'vitest'
import { openLink } from './open-link.ts'
import { loadSerialport, type SerialportLib, serialLink } from './serial-link.ts'

/** A serial port that opens, or fails to, as told. */
function double(failure?: string): { lib: SerialportLib; ports: Port[] } {
  const ports: Port[] = []
  class Double extends Port {
    constructor(options: object) {
      super(options, failure)
      ports.push(this)
    }
  }
  return { lib: { SerialPort: Double as unknown as SerialportLib['SerialPort'] }, ports }
}

class Port extends EventEmitter {
  readonly options: object
  readonly #failure: string | undefined
  readonly written: number[] = []
  isOpen = true

  constructor(options: object, failure: string | undefined) {
    super()
    this.options = options
    this.#failure = failure
  }

  open(done: (error: Error | null) => void): void {
    done(this.#failure ? new Error(this.#failure) : null)
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.written.push(...bytes)
    done()
  }

  close(done: (error: Error | null) => void): void {
    this.isOpen = false
    setImmediate(() => {
      this.emit('close')
      done(null)
    })
  }
}

function recorder(): ByteReceiver & { readonly seen: unknown[] } {
  const seen: unknown[] = []
  return { seen, data: (bytes) => void seen.push([...bytes]), closed: (error) => void seen.push(error) }
}

describe('serialLink', () => {
  it('releases the port of the real package, so that it can be opened again', async () => {
    SerialPortMock.binding.createPort('/dev/ttyMock')
    for (let i = 0; i < 2; i += 1) {
      const link = await openLink('serial:/dev/ttyMock', { lib: { SerialPort: SerialPortMock as never } })
      await link.close()
    }
  })
  it('opens the path with its baud rate, delivers and writes', async () => {
    const { lib, ports } = double()
    const link = await openLink('serial:/dev/ttyX', { lib, baudRate: 230_400 })
    const receiver = recorder()
    link.start(receiver)
    const [port] = ports as [Port]
    expect(port.options).toEqual({ path: '/dev/ttyX', baudRate: 230_400, autoOpen: false })
    port.emit('data', Uint8Array.of(1, 2))
    await link.write(Uint8Array.of(3))
    expect(receiver.seen).toEqual([[1, 2]])
    expect(port.written).toEqual([3])
    await link.close()
    await link.close()
    expect(port.isOpen).toBe(false)
    expect(receiver.seen).toHaveLength(1)
  })

  it('says once that the port is gone', async () => {
    const { lib, ports } = double()
    const link = await serialLink('/dev/ttyX', 115_200, systemTime, lib)
    const receiver = recorder()
    link.start(receiver)
    ports[0]?.emit('error', new Error('read EIO'))
    ports[0]?.emit('close')
    ports[0]?.emit('close')
    expect(receiver.seen).toEqual([new NotConnectedError('serial:/dev/ttyX', 'read EIO')])
  })

  it.each([
    [
      'Error: No such file or directory, cannot open /dev/ttyX',
      'there is no port /dev/ttyX; is the amplifier plugged in?'
    ],
    [
      'Error: Permission denied, cannot open /dev/ttyX',
      'no permission for /dev/ttyX; add the user to the group that owns it'
    ],
    ['Opening COM3: Access denied', 'no access to /dev/ttyX; does another program use it?'],
    ['something else', 'something else']
  ])('explains %s', async (failure, advice) => {
    const error = await openLink('serial:/dev/ttyX', double(failure)).catch((failed) => failed)
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error.message).toContain(advice)
    expect(error.cause.message).toBe(failure)
  })

  it.each(['Error Resource temporarily unavailable Cannot lock port', 'Error: Device or resource busy'])(
    'says that another program has the port: %s',
    async (failure) => {
      const error = await openLink('serial:/dev/ttyX', double(failure)).catch((failed) => failed)
      expect(error).toBeInstanceOf(InUseError)
      expect(error.message).toBe('serial:/dev/ttyX: the port is in use by another program; close that, then try again')
      expect(error.cause.message).toBe(failure)
    }
  )

  it('says what to install where the package is missing', async () => {
    const missing = loadSerialport(() => Promise.reject(new Error('ERR_MODULE_NOT_FOUND')))
    await expect(missing).rejects.toThrow(new MissingDependencyError('serialport', 'serial ports'))
    await expect(missing).rejects.toThrow('npm install serialport')
  })

  it('finds no port where there is none, with the real package', async () => {
    const error = await openLink('serial:/dev/no-such-port').catch((failed) => failed)
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error.message).toContain('there is no port /dev/no-such-port')
  })
})

describe('tcpLink', () => {
  it('is closed in the end though the peer keeps its side open', async () => {
    const sockets: Socket[] = []
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket.on('error', () => {}).resume())
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const link = await openLink(`tcp://127.0.0.1:${port}`)
    link.start(recorder())
    await link.close()
    await link.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  it('says of a peer that hangs up whether it had sent something', async () => {
    for (const [greeting, expected] of [
      ['', 'before it sent anything; does another program use it'],
      ['hello', 'the peer closed the connection']
    ] as const) {
      const server = createServer((socket) => void socket.on('error', () => {}).end(greeting))
      await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as { port: number }
      const link = await openLink(`tcp://127.0.0.1:${port}`)
      const error = await new Promise<Error | undefined>((resolve) => link.start({ data() {}, closed: resolve }))
      expect(error).toBeInstanceOf(NotConnectedError)
      expect(error?.message.endsWith('the peer closed the connection')).toBe(greeting !== '')
      expect(error?.message).toContain(expected)
      await link.close()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})

describe('openLink', () => {
  it.each(['http://x:1', 'tcp://x', 'tcp://x:0', 'tcp://x:70000', 'serial:', ''])('refuses %s', (url) =>
    expect(() => openLink(url)).toThrow("openLink: url must be 'tcp://host:port' or 'serial:/dev/ttyACM0'")
  )
})
