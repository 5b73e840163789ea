import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Gsv } from '../device/gsv.ts'
import type { OpenGsvOptions } from '../device/open-gsv.ts'
import { simulateGsv } from '../simulator/simulate-gsv.ts'
import { openersOf, program } from './fixtures/program.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gsv-config-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const config = (path: string, settings: object) =>
  writeFileSync(
    path,
    JSON.stringify({ format: 'messwerk-gsv', version: 1, model: 'gsv-8', firmware: '1.56', settings })
  )

describe('config', () => {
  it('exports, shows differences, and writes with --yes only', async () => {
    const openers = openersOf(simulateGsv({ rate: 1000 }))
    const path = join(folder, 'press.json')
    const run = async (...args: string[]) => {
      const { out, err, ended } = program(['config', ...args], { openers })
      return { code: await ended, out, err }
    }
    expect(await run('export', 'COM3', path)).toEqual({ code: 0, out: [], err: [`wrote ${path}`] })
    const printed = await run('export', 'COM3')
    expect(`${printed.out.join('\n')}\n`).toBe(readFileSync(path, 'utf8'))
    expect(await run('diff', 'COM3', path)).toEqual({ code: 0, out: [], err: ['nothing differs'] })
    config(path, { rate: 2000, 'channels.1.userOffset': 0.5 })
    const lines = ['rate: 1000 -> 2000', 'channels.1.userOffset: 0 -> 0.5']
    expect(await run('diff', 'COM3', path)).toEqual({ code: 0, out: lines, err: ['2 settings differ'] })
    const dry = '2 settings would be written; nothing was: add --yes to write'
    expect(await run('apply', 'COM3', path)).toEqual({ code: 0, out: lines, err: [dry] })
    expect(await run('apply', 'COM3', path, '--yes')).toEqual({ code: 0, out: lines, err: ['wrote 2 settings'] })
    const { out } = await run('apply', 'COM3', path, '--yes', '--json')
    expect(JSON.parse(out.join('\n'))).toEqual([])
    const exists = `gsv-driver: ${path} exists; choose another name, or remove it`
    expect(await run('export', 'COM3', path)).toEqual({ code: 2, out: [], err: [exists] })
  })

  it('refuses what is no document of it', async () => {
    const openers = openersOf(simulateGsv())
    const path = join(folder, 'press.json')
    writeFileSync(path, '{')
    const broken = program(['config', 'diff', 'COM3', path], { openers })
    expect(await broken.ended).toBe(2)
    expect(broken.err[0]).toContain(`${path} is no JSON`)
    config(path, { speed: 3 })
    const unknown = program(['config', 'apply', 'COM3', path], { openers })
    expect(await unknown.ended).toBe(2)
    expect(unknown.err[0]).toContain("has no setting 'speed'")
  })

  it('takes the id of the user from the environment or standard input, uses it for writing only, and never shows it', async () => {
    const path = join(folder, 'press.json')
    config(path, { rate: 2000 })
    const real = openersOf(simulateGsv({ rate: 1000 }))
    const given: string[] = []
    const openers = {
      ...real,
      openGsv: (async (options: OpenGsvOptions): Promise<Gsv> => {
        const gsv = await real.openGsv(options)
        gsv.unlock = async (id) => void given.push(id)
        return gsv
      }) as typeof real.openGsv
    }
    async function* input(): AsyncGenerator<string> {
      yield 'from-stdin'
      yield 'more'
    }
    const environment = { GSV_PASSWORD: 'from-env' }
    const run = async (...more: string[]) => {
      const { out, err, ended } = program(['config', 'apply', 'COM3', path, ...more], {
        openers,
        environment,
        input: input()
      })
      expect(await ended).toBe(0)
      return [...out, ...err].join('\n')
    }
    const texts = [await run(), await run('--yes'), await run('--yes', '--password-stdin')]
    expect(given).toEqual(['from-env', 'from-stdin'])
    expect(texts.join('\n')).not.toContain('from-')
    const empty = program(['config', 'apply', 'COM3', path, '--yes', '--password-stdin'], { openers })
    expect(await empty.ended).toBe(2)
    expect(empty.err).toEqual(['gsv-driver: --password-stdin: standard input is empty'])
  })

  it('does not show a wrong id', async () => {
    const path = join(folder, 'press.json')
    config(path, { rate: 2000 })
    const around = { openers: openersOf(simulateGsv()), environment: { GSV_PASSWORD: 'zyx9' } }
    const { err, ended } = program(['config', 'apply', 'COM3', path, '--yes'], around)
    expect([await ended, err]).toEqual([1, [expect.any(String)]])
    expect(err[0]).toContain('MEsetID')
    expect(err[0]).not.toContain('zyx9')
  })
})
