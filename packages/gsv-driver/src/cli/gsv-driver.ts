#!/usr/bin/env node
import { createInterface } from 'node:readline'
import { openGsv } from '../device/open-gsv.ts'
import { gsvSource } from '../source/gsv-source.ts'
import { gsvDriverCommand } from './gsv-driver-command.ts'
import { ports } from './ports.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort())
// who reads the output may have seen enough: `| head`
process.stdout.on('error', () => controller.abort())

const lineTo = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`)
const rawTo = (stream: NodeJS.WriteStream) => (stream.isTTY ? (text: string) => void stream.write(text) : undefined)

/** Standard input is opened only where it is read. */
const input: AsyncIterable<string> = {
  [Symbol.asyncIterator]: () => createInterface({ input: process.stdin })[Symbol.asyncIterator]()
}

void gsvDriverCommand({
  args: process.argv.slice(2),
  out: lineTo(process.stdout),
  err: lineTo(process.stderr),
  signal: controller.signal,
  openers: { openGsv, gsvSource, ports: () => ports() },
  environment: process.env,
  input,
  screen: rawTo(process.stdout),
  progress: rawTo(process.stderr)
}).then((code) => {
  process.exitCode = code
  // an open standard input must not keep the program
  process.stdout.write('', () => process.exit())
})
