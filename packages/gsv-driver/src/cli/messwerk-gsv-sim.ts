#!/usr/bin/env node
import { createInterface } from 'node:readline'
import { gsvSimCommand } from '../simulator/gsv-sim-command.ts'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort())
const to = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`)

void gsvSimCommand(process.argv.slice(2), {
  print: to(process.stdout),
  warn: to(process.stderr),
  orders: createInterface({ input: process.stdin }),
  signal: controller.signal
}).then((code) => process.exit(code))
