import { crc32 } from 'node:zlib'
import { defineStream, type Gap } from '@messwerk/core/model'
import { LaneList } from '../payload/lane-list.ts'
import type { Payload } from '../payload/payload.ts'
import { StreamLane } from '../payload/stream-lane.ts'
import type { TopicTemplate } from './topic-template.ts'

/** Where the messages of a topic go. @internal */
export interface Route {
  readonly topic: string
  /** CRC-32 of the topic, from which that of a message goes on. */
  readonly crc: number
  /** Undefined when no template matches. */
  readonly lane: StreamLane | undefined
}

/** What makes streams of topics. @internal */
export interface RouteOptions {
  readonly split: string
  readonly templates: readonly TopicTemplate[]
  readonly payload: Payload<string>
  /** Id of the stream of a topic. */
  readonly stream: (tags: Readonly<Record<string, string>>, topic: string) => string
}

const MOST_ROUTES = 100_000

/**
 * The streams of a source by topic. One look-up a message; they are kept over reconnections, so that a stream's last
 * time and sequence number are known.
 *
 * @internal
 */
export class TopicRoutes {
  readonly #options: RouteOptions
  readonly #routes = new Map<string, Route>()
  readonly #lanes = new Map<string, StreamLane>()
  readonly #listed = new LaneList()
  #newLaneGap: Gap | undefined

  constructor(options: RouteOptions) {
    this.#options = options
  }

  of(topic: string): Route {
    return this.#routes.get(topic) ?? this.#open(topic)
  }

  /** The broker has lost the session: every stream that is known, and every one to come, has a hole. */
  tear(): void {
    for (const lane of this.#lanes.values()) lane.tear()
    this.#newLaneGap = { scans: 'unknown', cause: 'reconnect' }
  }

  /** Notes that a lane has something to take. */
  list(lane: StreamLane): void {
    this.#listed.add(lane)
  }

  /** The blocks that have been collected, and their sequence numbers, if there are any. */
  take(): ReturnType<LaneList['take']> {
    return this.#listed.take()
  }

  #open(topic: string): Route {
    // topics that carry an id of their own each would fill the memory: forget the oldest
    if (this.#routes.size >= MOST_ROUTES) this.#routes.delete(this.#routes.keys().next().value as string)
    const route = { topic, crc: crc32(topic), lane: this.#laneOf(topic) }
    this.#routes.set(topic, route)
    return route
  }

  #laneOf(topic: string): StreamLane | undefined {
    const { templates, payload, stream, split } = this.#options
    for (const template of templates) {
      const tags = template.match(topic)
      if (!tags) continue
      const id = stream(tags, topic)
      const known = this.#lanes.get(id)
      if (known) return known
      const channels = Object.entries(payload.channels).map(([name, unit]) => ({ name, unit }))
      const clock = payload.hasTime ? 'source' : 'arrival'
      const lane = new StreamLane(defineStream({ id, channels, tags }), {
        split,
        clock,
        uncertainty: payload.uncertainty
      })
      if (this.#newLaneGap) lane.declare(this.#newLaneGap)
      if (this.#lanes.size >= MOST_ROUTES) this.#lanes.delete(this.#lanes.keys().next().value as string)
      this.#lanes.set(id, lane)
      return lane
    }
    return undefined
  }
}
