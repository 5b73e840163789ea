import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemTime } from '@messwerk/core/driver'
import { afterEach, describe, expect, it } from 'vitest'
import { findProgram } from '../../../../test/servers/find-program.ts'
import { encodeRequestFrame, GsvParser } from '../codec/index.ts'
import { openLink } from '../link/open-link.ts'
import { gsvSimCommand } from './gsv-sim-command.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Lines that can be added, as of standard input. */
class Lines {
  readonly #waiting: string[] = []
  #wake: () => void = () => {}

  add(line: string): void {
    this.#waiting.push(line)
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      for (const line of this.#waiting.splice(0)) yield line
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

function program(...args: string[]) {
  const controller = new AbortController()
  const orders = new Lines()
  const out: string[] = []
  const err: string[] = []
  const ended = gsvSimCommand(args, {
    print: (line) => void out.push(line),
    warn: (line) => void err.push(line),
    orders,
    signal: controller.signal
  })
  const stop = (): Promise<number> => {
    controller.abort()
    return ended
  }
  closing.push(stop)
  return { out, err, orders, stop, ended }
}

async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Numbers of the scans that arrive, from channel 8 of eight. */
async function counted(url: string) {
  const numbers: number[] = []
  const parser = new GsvParser(
    { full: ({ values }) => void numbers.push(values[7] as number), response() {}, skipped() {} },
    { capacity: 1, layout: { objects: 8, dataType: 'float32', crc: false } }
  )
  const link = await openLink(url, { scheduler: systemTime })
  closing.push(() => link.close())
  let isClosed = false
  link.start({
    data: (bytes) => parser.push(bytes),
    closed: () => {
      isClosed = true
    }
  })
  return { numbers, link, closed: () => (isClosed ? true : undefined) }
}

/** Opens a port until a hundred scans come: who comes while the one before goes may get a port that is dead. */
async function reopened(url: string) {
  for (;;) {
    const opened = await counted(url).catch(() => undefined)
    const giveUp = performance.now() + 2000
    if (opened) await until(() => opened.numbers[100] ?? opened.closed() ?? (performance.now() > giveUp || undefined))
    if (opened?.numbers[100] !== undefined) return opened
    await opened?.link.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

describe('messwerk-gsv-sim', () => {
  it('serves over TCP, with the number of the scan in a channel, and obeys', async () => {
    const { out, orders, stop } = program('--rate', '2000', '--counter-channel', '8', '--control', '127.0.0.1:0')
    const url = await until(() => out.find((line) => line.startsWith('tcp://')))
    const { numbers } = await counted(url)
    await until(() => numbers[50])
    expect(numbers.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    orders.add('{"do":"loseFrames","count":100}')
    const answer = JSON.parse(await until(() => out.find((line) => line.startsWith('{'))))
    expect(answer.ok).toBe(true)
    const from = numbers.length
    await until(() => numbers[from + 200])
    const gaps = numbers.flatMap((number, i) =>
      i > 0 && number !== (numbers[i - 1] as number) + 1 ? [number - (numbers[i - 1] as number) - 1] : []
    )
    expect(gaps).toEqual([100])
    expect(await stop()).toBe(0)
    expect(JSON.parse(out.at(-1) as string)).toMatchObject({ ok: true, lost: 100, silent: 0 })
  })

  it('is unplugged and plugged in again from its control channel', async () => {
    const { out } = program('--rate', '1000', '--counter-channel', '8', '--control', '0')
    const url = await until(() => out.find((line) => line.startsWith('tcp://')))
    const channel = await until(() => out.find((line) => line.startsWith('control ')))
    const { port } = new URL(channel.slice('control '.length))
    const socket: Socket = connect(Number(port), '127.0.0.1')
    closing.push(() => socket.destroy())
    const answers: string[] = []
    socket.on('data', (data) => void answers.push(...String(data).trim().split('\n')))
    const first = await counted(url)
    await until(() => first.numbers[20])
    socket.write('{"do":"unplug"}\n')
    await until(first.closed)
    await until(() => answers[0])
    await expect(openLink(url)).rejects.toThrow()
    socket.write('nonsense\n{"do":"fly"}\n{"do":"plug"}\n{"do":"log"}\n')
    await until(() => answers[4])
    expect(answers.map((answer) => JSON.parse(answer).ok)).toEqual([true, false, false, true, true])
    expect(JSON.parse(answers[2] as string).error).toContain('do must be one of status, log, labels, inject')
    expect(JSON.parse(answers[4] as string).log.map(({ fate }: { fate: string }) => fate)).toEqual(['written', 'lost'])
    const second = await counted(url)
    await until(() => second.numbers[0])
    expect(second.numbers[0]).toBeGreaterThan(first.numbers.at(-1) as number)
  })

  it('says what is wrong with its options', async () => {
    const wrong = async (...args: string[]): Promise<string> => {
      const { ended, err } = program(...args)
      expect(await ended).toBe(2)
      return err.join('\n')
    }
    expect(await wrong('--rate', 'fast')).toBe("--rate must be a number, got 'fast'")
    expect(await wrong('--speed', '5')).toContain('usage: messwerk-gsv-sim')
    expect(await wrong('--model', 'gsv-1')).toContain("model must be 'gsv-8'")
    expect(await wrong('--tcp', 'here')).toBe("--tcp must be host:port, got 'here'")
    const file = import.meta.filename
    expect(await wrong('--pty', file)).toMatch(/there is a file of this name|needs the program socat/)
  })

  it('serves on a pseudo terminal, anew after a host has closed it', async (test) => {
    if (!findProgram('socat')) return test.skip('no socat in PATH')
    const folder = mkdtempSync(join(tmpdir(), 'messwerk-gsv-sim-'))
    closing.push(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'gsv0')
    const { out, stop } = program('--rate', '500', '--counter-channel', '8', '--pty', path)
    const url = await until(() => out.find((line) => line.startsWith('serial:')))
    expect(url).toBe(`serial:${path}`)
    for (let i = 0; i < 2; i += 1) {
      const { numbers, link } = await reopened(url)
      const from = numbers[0] as number
      expect(numbers.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, k) => from + k))
      await link.write(encodeRequestFrame(0x24))
      await link.close()
    }
    expect(await stop()).toBe(0)
    expect(existsSync(path)).toBe(false)
  })
})
