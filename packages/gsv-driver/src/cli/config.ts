import { readFile, writeFile } from 'node:fs/promises'
import type { GsvChange } from '../device/change-settings.ts'
import type { GsvConfig } from '../device/config.ts'
import type { Gsv } from '../device/gsv.ts'
import { framedOptions, LINK_HELP, LINK_OPTIONS } from './device-options.ts'
import { type Given, parseCommand } from './parse-command.ts'
import type { Command, Surroundings } from './surroundings.ts'
import { UsageError } from './usage-error.ts'

const HELP = `usage: gsv-driver config export <device> [<file>] [options]
       gsv-driver config diff <device> <file> [options]
       gsv-driver config apply <device> <file> [--yes] [options]

export writes all settings as one JSON document to the file, which must not exist, or to standard output.
diff says which settings of the device differ from those in the file.
apply says the same, and writes them with --yes only.

  --yes                  writes to the device
  --password-stdin       the id of the user is the first line of standard input; or it is in the
                         environment, as GSV_PASSWORD. Needed for some settings, six-axis sensors for example
  --json                 differences as JSON
${LINK_HELP}`

/** The settings of a device as a document. @internal */
export const config: Command = { summary: 'export, diff and apply the settings as one JSON document', help: HELP, run }

const OPTIONS = {
  ...LINK_OPTIONS,
  yes: { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
  json: { type: 'boolean' }
} as const

async function run(around: Surroundings): Promise<number> {
  const [action = '', ...args] = around.args
  const operands = { export: ['<device>', '<file>?'], diff: ['<device>', '<file>'], apply: ['<device>', '<file>'] }
  if (!Object.hasOwn(operands, action)) {
    throw new UsageError(
      `config: what to do must be export, diff or apply, got '${action}'; see gsv-driver config --help`
    )
  }
  const given = parseCommand('config', args, OPTIONS, operands[action as keyof typeof operands])
  const link = framedOptions(given, 'config')
  if (given.flag('yes') && action !== 'apply')
    throw new UsageError(`config ${action}: --yes is for apply, it writes nothing`)
  const wanted = action === 'export' ? undefined : await documentIn(given.operands[1] ?? '')
  const password = action === 'apply' && given.flag('yes') ? await passwordFor(around, given) : undefined
  const gsv = await around.openers.openGsv(link)
  try {
    if (wanted === undefined) return await exported(around, gsv, given.operands[1])
    return await applied(around, gsv, given, { wanted, password, writes: action === 'apply' && given.flag('yes') })
  } finally {
    await gsv.close().catch(() => {})
  }
}

async function exported({ out, err }: Surroundings, gsv: Gsv, path: string | undefined): Promise<number> {
  const text = JSON.stringify(await gsv.exportConfig(), null, 2)
  if (path === undefined) {
    out(text)
    return 0
  }
  await writeFile(path, `${text}\n`, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new UsageError(`${path} exists; choose another name, or remove it`)
    throw error
  })
  err(`wrote ${path}`)
  return 0
}

interface Order {
  readonly wanted: GsvConfig
  readonly password: string | undefined
  readonly writes: boolean
}

async function applied({ out, err, args }: Surroundings, gsv: Gsv, given: Given, order: Order): Promise<number> {
  const { wanted, password, writes } = order
  if (password !== undefined) await gsv.unlock(password)
  const changes = await gsv.applyConfig(wanted, { dryRun: !writes })
  if (given.flag('json')) out(JSON.stringify(changes, null, 2))
  else for (const change of changes) out(changeText(change))
  const settings = changes.length === 1 ? '1 setting' : `${changes.length} settings`
  if (changes.length === 0) err('nothing differs')
  else if (writes) err(`wrote ${settings}`)
  else if (args[0] === 'apply') err(`${settings} would be written; nothing was: add --yes to write`)
  else err(`${settings} differ`)
  return 0
}

function changeText({ setting, from, to, actual }: GsvChange): string {
  const text = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
  const made = actual === undefined ? '' : `, the device made ${text(actual)} of it`
  return `${setting}: ${text(from)} -> ${text(to)}${made}`
}

async function documentIn(path: string): Promise<GsvConfig> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(`cannot read the document: ${error.message}`)
  })
  try {
    return JSON.parse(text) as GsvConfig
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${(error as Error).message}`)
  }
}

/** Never from the command line: others see that. */
async function passwordFor({ environment, input }: Surroundings, given: Given): Promise<string | undefined> {
  if (!given.flag('password-stdin')) return environment.GSV_PASSWORD || undefined
  for await (const line of input) return line
  throw new UsageError('--password-stdin: standard input is empty')
}
