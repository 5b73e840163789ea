/** A topic by its name, or all whose name matches. @internal */
export interface TopicPattern {
  /** The one topic; undefined for a pattern. */
  readonly name: string | undefined
  /** The named groups of a topic's name, or undefined when it does not match. */
  match(topic: string): Readonly<Record<string, string>> | undefined
}

const LEGAL = /^[A-Za-z0-9._-]{1,249}$/
const NOTHING: Readonly<Record<string, string>> = {}

/** Whether Kafka takes this as the name of a topic. @internal */
export function isTopicName(name: string): boolean {
  return LEGAL.test(name) && name !== '.' && name !== '..'
}

/** @throws TypeError or RangeError that names the option @internal */
export function topicPattern(topic: string | RegExp, option: string): TopicPattern {
  if (topic instanceof RegExp) return patternOf(topic)
  if (typeof topic !== 'string' || topic === '') {
    throw new TypeError(`${option} must hold names and patterns, got ${JSON.stringify(topic)}`)
  }
  if (!isTopicName(topic)) {
    throw new RangeError(
      `${option}: a topic has letters, digits, '.', '_' and '-', got '${topic}'; a pattern is a RegExp`
    )
  }
  return { name: topic, match: (name) => (name === topic ? NOTHING : undefined) }
}

function patternOf({ source, flags }: RegExp): TopicPattern {
  const whole = new RegExp(`^(?:${source})$`, flags.replaceAll(/[gy]/g, ''))
  return {
    name: undefined,
    match: (name) => {
      const match = whole.exec(name)
      if (!match) return undefined
      const named = Object.entries(match.groups ?? {}).filter(([, value]) => value !== undefined)
      return Object.fromEntries(named)
    }
  }
}
