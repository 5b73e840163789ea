import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { TcpProxy } from './tcp-proxy.ts'

/** A server that sends back what it gets, behind a proxy; a client of the proxy. */
async function linked(): Promise<{ proxy: TcpProxy; client: () => Promise<Socket> }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = new TcpProxy((server.address() as { port: number }).port)
  const port = await proxy.listen()
  onTestFinished(async () => {
    await proxy.close()
    server.close()
  })
  const client = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    onTestFinished(() => void socket.destroy())
    return socket
  }
  return { proxy, client }
}

async function echo(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString()
}

it('forwards both ways', async () => {
  const { client } = await linked()
  expect(await echo(await client(), 'hello')).toBe('hello')
})

it('resets connections when it is cut, and takes new ones', async () => {
  const { proxy, client } = await linked()
  const socket = await client()
  await echo(socket, 'a')
  const error = once(socket, 'error')
  proxy.cut()
  expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
  expect(await echo(await client(), 'b')).toBe('b')
})

it('holds a connection half-open without a word, while new ones work', async () => {
  const { proxy, client } = await linked()
  const held = await client()
  await echo(held, 'a')
  const release = proxy.hold()
  let heard = ''
  held.on('data', (bytes: Buffer) => {
    heard += bytes.toString()
  })
  held.write('lost')
  expect(await echo(await client(), 'b')).toBe('b')
  expect([heard, held.destroyed]).toEqual(['', false])
  const error = once(held, 'error')
  release()
  expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
})

it('delivers everything when it is slow', async () => {
  const { proxy, client } = await linked()
  const socket = await client()
  proxy.slow(100_000)
  const text = 'x'.repeat(20_000)
  let heard = ''
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.toString()
  })
  socket.write(text)
  while (heard.length < text.length) await once(socket, 'data')
  expect(heard).toBe(text)
})

it('passes on the end of a connection', async () => {
  const { proxy, client } = await linked()
  const socket = await client()
  await echo(socket, 'a')
  socket.end()
  await once(socket, 'close')
  await expect.poll(() => proxy.links).toBe(0)
})
