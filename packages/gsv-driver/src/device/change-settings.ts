import { accessOf, GsvError } from '../commands/index.ts'
import type { GsvSession } from './gsv-session.ts'
import { type GsvSettingValue, type Setting, same } from './settings/setting.ts'
import { currentValue, sensorsOf, settingsOf } from './settings/settings-of.ts'

/**
 * One setting that differs from what is wanted, see `Gsv.change`.
 *
 * @example
 * ```ts
 * import type { GsvChange } from '@messwerk/gsv-driver'
 *
 * const line = ({ setting, from, to }: GsvChange): string => `${setting}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
 * line({ setting: 'rate', from: 10, to: 1000 }) // => 'rate: 10 -> 1000'
 * ```
 */
export interface GsvChange {
  /** Name of the setting, for example `channels.1.userScale`. */
  readonly setting: string
  /** What the device had; undefined where it had nothing. */
  readonly from: GsvSettingValue | undefined
  /** What was wanted. */
  readonly to: GsvSettingValue
  /** What the device made of it, where that is something else. */
  readonly actual?: GsvSettingValue | undefined
}

/** A setting and what it is to be. */
interface Wanted {
  readonly setting: Setting
  readonly from: GsvSettingValue | undefined
  readonly to: GsvSettingValue
}

/**
 * Compares settings with what is wanted, and writes those that differ.
 *
 * @returns what differed before, in the order of writing
 * @throws RangeError when there is no such setting or the value is of another kind; GsvError when the device refuses
 * one; before anything is written where the id of the user is missing
 *
 * @internal
 */
export async function changeSettings(
  session: GsvSession,
  values: Readonly<Record<string, GsvSettingValue>>,
  dryRun: boolean
): Promise<GsvChange[]> {
  const all = await wantedOf(session, values)
  const differing = all.filter(({ from, to }) => !same(from, to))
  const changes = differing.map(({ setting, from, to }) => ({ setting: setting.key, from, to }))
  if (dryRun || changes.length === 0) return changes
  await checkAccess(session, differing)
  await writeAll(session, all, differing)
  const results: GsvChange[] = []
  for (const [i, { setting, to }] of differing.entries()) {
    const actual = await currentValue(setting)
    const change = changes[i] as GsvChange
    results.push(same(actual, to) ? change : { ...change, actual })
  }
  return results
}

/** What is wanted beside what there is. */
async function wantedOf(session: GsvSession, values: Readonly<Record<string, GsvSettingValue>>): Promise<Wanted[]> {
  const sensors = Object.keys(values).map((key) => Number(/^sensors\.(\d+)$/.exec(key)?.[1] ?? -1) + 1)
  const most = Math.max(...sensors, 0)
  const settings = settingsOf(session, most > 0 ? Math.max(most, await sensorsOf(session)) : 0)
  for (const key of Object.keys(values)) {
    if (settings.some((setting) => setting.key === key)) continue
    throw new RangeError(
      `${session.url}: ${session.model} with firmware ${session.firmware} has no setting '${key}'; exportConfig lists those that it has`
    )
  }
  const wanted: Wanted[] = []
  for (const setting of settings) {
    const value = values[setting.key]
    if (value === undefined) continue
    const to = setting.settable?.(value) ?? value
    const from = await currentValue(setting)
    checkKind(setting.key, from, to)
    wanted.push({ setting, from, to })
  }
  return wanted
}

function checkKind(key: string, from: GsvSettingValue | undefined, to: GsvSettingValue): void {
  if (from === undefined || kindOf(from) === kindOf(to)) return
  throw new TypeError(
    `GSV setting: ${key} must be a ${kindOf(from)} as ${JSON.stringify(from)}, got ${JSON.stringify(to)}`
  )
}

function kindOf(value: GsvSettingValue): string {
  return Array.isArray(value) ? `list of numbers` : typeof value
}

const USER = 0x72

async function checkAccess(session: GsvSession, differing: readonly Wanted[]): Promise<void> {
  const model = session.model ?? 'gsv-8'
  const guarded = differing.find(({ setting }) => accessOf(session.row(setting.writes), model) === 'user')
  if (guarded && (await session.command('MEgetIDstate')).state === 0) throw new GsvError(guarded.setting.writes, USER)
}

/** Writes what differs, and what the device reset on the way; what does not fit yet is tried again behind the others. */
async function writeAll(session: GsvSession, all: readonly Wanted[], differing: readonly Wanted[]): Promise<void> {
  const written = new Set<Setting>()
  let todo: readonly Wanted[] = differing
  while (todo.length > 0) {
    const before = written.size
    const refused = await writePass(session, todo, written)
    const [first] = refused
    if (first !== undefined && written.size === before) throw first
    todo = []
    for (const wanted of all) {
      if (written.has(wanted.setting) || same(await currentValue(wanted.setting), wanted.to)) continue
      todo = [...todo, wanted]
    }
  }
}

/** Statuses of a value that may fit once other settings are changed. */
const LATER = new Set([0x54, 0x55, 0x56, 0x57, 0x58, 0x5c, 0x62, 0x64])

async function writePass(session: GsvSession, todo: readonly Wanted[], written: Set<Setting>): Promise<GsvError[]> {
  const refused: GsvError[] = []
  let needsReset = false
  for (const [i, { setting, to }] of todo.entries()) {
    try {
      await setting.write(to)
      written.add(setting)
      needsReset ||= session.model !== 'gsv-8' && session.row(setting.writes).reset === true
    } catch (error) {
      if (!(error instanceof GsvError && LATER.has(error.status))) throw error
      refused.push(error)
    }
    const { commit } = setting
    if (commit && commit !== todo[i + 1]?.setting.commit) await commit.run()
  }
  // A GSV-6 takes them on when it starts; one that is too old for the command, when it is switched on.
  if (needsReset && session.has('ResetDevice')) await session.command('ResetDevice')
  return refused
}
