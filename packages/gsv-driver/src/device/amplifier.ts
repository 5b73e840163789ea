import { userScaleOf } from '../codec/index.ts'
import {
  type CommandName,
  type InputType,
  inputOf,
  type RequestOf,
  type ResponseOf,
  unitSetting,
  unitSlot
} from '../commands/index.ts'
import { changeSettings, type GsvChange } from './change-settings.ts'
import { exportConfig, type GsvConfig, settingsIn } from './config.ts'
import { filtersOf } from './filters.ts'
import type { Gsv, GsvSensor } from './gsv.ts'
import type { GsvSession } from './gsv-session.ts'
import { linesOf } from './lines.ts'
import { type GsvDevice, probeAgain } from './probe.ts'
import { unitForm } from './settings/channel-settings.ts'
import type { GsvSettingValue } from './settings/setting.ts'
import { sixAxisOf } from './six-axis.ts'
import { type GsvTedsProperty, readTeds } from './teds.ts'
import { writeRate } from './write-rate.ts'

type Values = Readonly<Record<string, GsvSettingValue>>

/** The settings and commands of a device over a session. @internal */
export class Amplifier implements Gsv {
  readonly url: string
  readonly filters: Gsv['filters']
  readonly sixAxis: Gsv['sixAxis']
  readonly lines: Gsv['lines']
  readonly #session: GsvSession
  #device: GsvDevice

  constructor(session: GsvSession, device: GsvDevice) {
    this.url = session.url
    this.#session = session
    this.#device = device
    this.filters = filtersOf(session)
    this.sixAxis = sixAxisOf(session, (changes) => this.#changed(changes))
    this.lines = linesOf(session)
  }

  get device(): GsvDevice {
    return this.#device
  }

  command<N extends CommandName>(name: N, values?: RequestOf<N>): Promise<ResponseOf<N>> {
    return this.#session.command(name, values)
  }

  async refresh(): Promise<GsvDevice> {
    this.#device = await probeAgain(this.#session, this.#device)
    return this.#device
  }

  async zero(channel = 0): Promise<void> {
    await this.command('SetZero', { channel })
  }

  async value(): Promise<readonly number[]> {
    await this.command('GetValue')
    return this.#session.lastScan
  }

  maxMin(channel: number): Promise<{ readonly max: number; readonly min: number }> {
    return this.command('ReadMaxMinVal', { channel })
  }

  async clearMaxMin(channel = 0): Promise<void> {
    await this.command('ClearMaxValue', { channel })
  }

  async setRate(rate: number): Promise<number> {
    if (!(rate > 0)) throw new RangeError(`setRate: rate must be above 0 Hz, got ${rate}`)
    await writeRate(this.#session, this.#device, rate)
    return (await this.refresh()).rate
  }

  setDataType(type: 'int16' | 'int24' | 'float32'): Promise<GsvChange[]> {
    return this.change({ dataType: type })
  }

  setObjects(objects: number): Promise<GsvChange[]> {
    return this.change({ objects })
  }

  setUserScale(channel: number, scale: number): Promise<GsvChange[]> {
    return this.change({ [`channels.${channel}.userScale`]: scale })
  }

  setUserOffset(channel: number, offset: number): Promise<GsvChange[]> {
    return this.change({ [`channels.${channel}.userOffset`]: offset })
  }

  async scaleToSensor(channel: number, { fullScale, sensitivity, unit }: GsvSensor): Promise<GsvChange[]> {
    const { nominal } = await this.inputType(channel)
    const scale = userScaleOf({ fullScale, sensitivity, range: nominal })
    return this.change({
      ...(unit === undefined ? {} : unitValues(channel, unit)),
      [`channels.${channel}.userScale`]: scale
    })
  }

  setUnit(channel: number, unit: string): Promise<GsvChange[]> {
    return this.change(unitValues(channel, unit))
  }

  async inputType(channel: number): Promise<Required<InputType>> {
    const { model } = this.#device
    const sense = model === 'gsv-8' ? 0xff : 0
    return inputOf(await this.command('GetInputType', { channel, sense }), model)
  }

  setInputType(channel: number, type: number): Promise<GsvChange[]> {
    return this.change({ [`channels.${channel}.inputType`]: type })
  }

  teds(channel: number, template = 0): Promise<GsvTedsProperty[]> {
    return readTeds(this.#session, channel, template)
  }

  async counter(number: number): Promise<{ flags: number; gate: number; start: number } | undefined> {
    const item = async (n: number): Promise<number> =>
      (await this.command('ReadCounterFreqMode', { setting: (number << 4) | n })).value
    const flags = await item(0)
    return flags === 0 ? undefined : { flags, gate: await item(1), start: await item(2) }
  }

  setCounter(number: number, counter: { flags: number; gate?: number; start?: number }): Promise<GsvChange[]> {
    const { flags, gate = 1, start = 0 } = counter
    return this.change({ [`counters.${number}`]: [flags, gate, start] })
  }

  exportConfig(): Promise<GsvConfig> {
    return exportConfig(this.#session, this.#device)
  }

  async applyConfig(config: GsvConfig, options?: { readonly dryRun?: boolean }): Promise<GsvChange[]> {
    return this.change(settingsIn(config, this.#device), options)
  }

  async change(settings: Values, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<GsvChange[]> {
    const changes = await changeSettings(this.#session, settings, dryRun)
    return dryRun ? changes : this.#changed(changes)
  }

  async loadConfig(set: number): Promise<void> {
    await this.command('LoadConfig', { set })
    await this.refresh()
  }

  async storeConfig(set: number): Promise<void> {
    await this.command('StoreConfig', { set })
  }

  async reset(): Promise<void> {
    await this.command('ResetDevice')
    await this.refresh()
  }

  async unlock(id: string): Promise<void> {
    await this.command('MEsetID', { id })
  }

  async setLocked(locked: boolean): Promise<void> {
    await this.command('SwitchBlocking', { key: locked ? 'BlkA' : 'ULKa' })
  }

  async releaseWriteAccess(): Promise<void> {
    await this.command('ReleaseInterface')
    this.#session.wrote = false
  }

  async close(): Promise<void> {
    const session = this.#session
    if (session.transmitting) await session.command('StopTransmission').catch(() => {})
    await release(session)
    await session.close()
  }

  /** What the device says of itself may be something else now. */
  async #changed(changes: GsvChange[]): Promise<GsvChange[]> {
    if (changes.length > 0) await this.refresh()
    return changes
  }
}

/** Gives the write access back that writing took. @internal */
export async function release(session: GsvSession): Promise<void> {
  if (!session.wrote || !session.has('ReleaseInterface')) return
  await session.command('ReleaseInterface').catch(() => {})
}

/** A unit that the device has no code for goes into a text. */
function unitValues(channel: number, unit: string): Values {
  const { code, slot, text } = unitSetting(unit)
  const label = unitForm.out(code as never)
  if (slot === undefined || text === undefined) return { [`channels.${channel}.unit`]: label }
  return { [`unitTexts.${unitSlot(code)}`]: text, [`channels.${channel}.unit`]: label }
}
