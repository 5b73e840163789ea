import type { LegacyModel } from '../../codec/index.ts'
import type { FieldValues, LegacyCommandName, LegacyRequestOf, LegacyResponseOf } from '../../commands/index.ts'
import type { LegacyGsv, LegacySettings } from './legacy-gsv.ts'
import { INPUTS } from './legacy-model.ts'
import { type LegacyGsvDevice, type LegacyKnown, legacyProbe } from './legacy-probe.ts'
import { writeLegacyRate } from './legacy-rate.ts'
import type { LegacySession } from './legacy-session.ts'
import { checkChannel, legacySettingsOf } from './legacy-settings.ts'

/** The settings and commands of a GSV-2, GSV-3 or GSV-4 over a session. @internal */
export class LegacyAmplifier<M extends LegacyModel> implements LegacyGsv<M> {
  readonly url: string
  readonly settings: LegacySettings[M]
  readonly #session: LegacySession
  #known: LegacyKnown
  #device: LegacyGsvDevice<M>

  constructor(session: LegacySession, device: LegacyGsvDevice<M>, known: LegacyKnown) {
    this.url = session.url
    this.#session = session
    this.#device = device
    this.#known = known
    this.settings = legacySettingsOf(device.model, {
      session,
      refresh: () => this.refresh(),
      polarity: (polarity) => {
        this.#known = { ...this.#known, polarity }
      }
    })
  }

  get device(): LegacyGsvDevice<M> {
    return this.#device
  }

  async command<N extends LegacyCommandName<M>>(
    name: N,
    values?: LegacyRequestOf<M, N>
  ): Promise<LegacyResponseOf<M, N>> {
    const answer = await this.#session.request(name, values as FieldValues | undefined)
    return answer as LegacyResponseOf<M, N>
  }

  async refresh(): Promise<LegacyGsvDevice<M>> {
    this.#device = await legacyProbe(this.#session, this.#device.model, this.#known)
    return this.#device
  }

  async zero(channel?: number): Promise<void> {
    const { model } = this.#device
    if (channel !== undefined) checkChannel('zero', model, channel)
    if (model !== 'gsv-4') return void (await this.#session.request('SetZero'))
    // Whether a channel 0 means all of them is not documented.
    for (let number = 1; number <= INPUTS[model]; number += 1) {
      if (channel === undefined || channel === number) await this.#session.request('SetZero', { channel: number })
    }
  }

  value(): Promise<readonly number[]> {
    return this.#session.value(this.#device.rate)
  }

  async setRate(rate: number): Promise<number> {
    await writeLegacyRate(this.#session, rate)
    return (await this.refresh()).rate
  }

  async close(): Promise<void> {
    const session = this.#session
    if (session.transmitting) await session.request('StopTransmission').catch(() => {})
    await session.close()
  }
}
