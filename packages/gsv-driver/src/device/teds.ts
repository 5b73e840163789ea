import { tedsEntryOf, tedsProperties } from '../commands/index.ts'
import type { GsvSession } from './gsv-session.ts'

/**
 * One property of the TEDS memory of a sensor.
 *
 * @example
 * ```ts
 * import type { GsvTedsProperty } from '@messwerk/gsv-driver'
 *
 * const property: GsvTedsProperty = { id: 100, name: 'serial', value: 4711 }
 * property.value // => 4711
 * ```
 */
export interface GsvTedsProperty {
  readonly id: number
  /** As in IEEE 1451.4; `property 55` for an id without a name. */
  readonly name: string
  /** Undefined where there is none, see `missing`. */
  readonly value: number | string | Date | undefined
  readonly missing?: 'invalid' | 'not set' | 'does not exist'
}

/** Ids are bytes: a list that is longer runs in a circle. */
const MOST = 256

/** Follows the list of properties of a template. @internal */
export async function readTeds(session: GsvSession, channel: number, template: number): Promise<GsvTedsProperty[]> {
  const properties: GsvTedsProperty[] = []
  const seen = new Set<number>([0])
  let answer = await session.command('ReadTEDSdataEntry', { channel, template, property: 0, index: 0 })
  while (!seen.has(answer.next) && seen.size < MOST) {
    const id = answer.next
    seen.add(id)
    answer = await session.command('ReadTEDSdataEntry', { channel, template, property: id, index: 0 })
    const { value, missing } = tedsEntryOf(answer)
    const name = tedsProperties.get(id) ?? `property ${id}`
    properties.push(missing ? { id, name, value, missing } : { id, name, value })
  }
  return properties
}
