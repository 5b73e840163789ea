// A snapshot as text, restored in another process: it goes on with the bits of a run that was never interrupted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { toText } from '@messwerk/core/model'
import { afterAll, describe, expect, it } from 'vitest'
import { scans } from './fixtures/digests-of.ts'
import { everyDetector, otherWays } from './fixtures/every-detector.ts'
import { part, sixChannels } from './fixtures/six-channels.ts'
import { answers } from './fixtures/went-on.ts'

const detectors = { ...everyDetector, ...otherWays }
const program = join(import.meta.dirname, 'fixtures', 'go-on.ts')
const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio: ['pipe', 'pipe', 'inherit'] })
const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

afterAll(async () => {
  child.stdin.end()
  if (child.exitCode === null) await once(child, 'exit')
})

describe('restored in a fresh process', () => {
  it.each(Object.entries(detectors))('%s goes on', async (name, make) => {
    const detector = make().create(sixChannels)
    detector.fit(part(scans, 0, 400))
    detector.process(part(scans, 400, 500), (_, i) => i % 3 > 0)
    child.stdin.write(`${toText([name, detector.snapshot()])}\n`)
    const uninterrupted = toText(answers(detector))
    const { value } = await lines.next()
    expect(value === uninterrupted, `${name} answers otherwise`).toBe(true)
  })
})
