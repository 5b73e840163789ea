#!/usr/bin/env node
import { spoolCommand } from './spool/spool-command.ts'

const to = (stream: NodeJS.WriteStream) => (line: string) => void stream.write(`${line}\n`)

void spoolCommand(process.argv.slice(2), to(process.stdout), to(process.stderr)).then((code) => {
  process.exitCode = code
})
