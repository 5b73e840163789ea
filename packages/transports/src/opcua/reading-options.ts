import type { Scheduler } from '@messwerk/core/driver'
import type { ReadOptions } from '@messwerk/core/model'
import type { ConditionLog } from './condition-log.ts'
import type { OpcuaCounters } from './opcua-counters.ts'
import type { SourcePlan } from './opcua-source-options.ts'
import type { Subscription } from './open-subscription.ts'
import type { StreamMemory } from './stream-memory.ts'

/** What goes over from one connection of a source to the next. @internal */
export interface Carried {
  position: number
  readonly memories: Map<string, StreamMemory>
  subscription: Subscription | undefined
  /** Whether data has come before. */
  hasRead: boolean
  /** Publishing intervals after which a subscription without news is to say that it lives. */
  keepAlives: number
  readonly counters: OpcuaCounters
  readonly conditions: ConditionLog
}

/** @internal */
export interface ReadingOptions {
  readonly plan: SourcePlan
  readonly carried: Carried
  readonly scheduler: Scheduler
  readonly options: ReadOptions
  /** Whether this is not the first connection, also of another process. */
  readonly continues: boolean
}
