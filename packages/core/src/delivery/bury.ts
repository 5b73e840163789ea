import type { Block } from '../model/block.ts'
import type { DeadLetter } from '../model/dead-letter.ts'
import type { SdkError } from '../model/errors.ts'
import type { MeasurementEvent } from '../model/event.ts'
import { Delivery } from './ledger.ts'
import type { OutletLike } from './outlet-like.ts'

/** What a sink refused, as a dead letter. @internal */
export function letterOf(item: Block | MeasurementEvent, error: SdkError, from: string, at: number): DeadLetter {
  const { split, position } = item.origin
  return 'values' in item && item.values instanceof Float64Array
    ? { error, from, split, position, at, block: item as Block }
    : { error, from, split, position, at, event: item as MeasurementEvent }
}

/** Resolves when the outlet of the dead letters has the letter durably. @internal */
export function bury(letter: DeadLetter, outlet: OutletLike<DeadLetter>): Promise<void> {
  return new Promise((resolve) => {
    const delivery = new Delivery(letter.position, 0, letter.at, () => resolve())
    outlet.add(letter, delivery)
    delivery.release()
    outlet.flush()
  })
}
