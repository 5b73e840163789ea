#!/usr/bin/env node
import { backtestCommand } from './backtest-command.ts'

const controller = new AbortController()
process.once('SIGINT', () => controller.abort())
const lineTo = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`)

void backtestCommand(process.argv.slice(2), {
  out: lineTo(process.stdout),
  err: lineTo(process.stderr),
  signal: controller.signal
}).then((code) => {
  process.exitCode = code
})
