/** One level of a template: fixed text, a named or unnamed level, or all that follows. */
type Level = { readonly text: string } | { readonly name: string | undefined } | { readonly rest: true }

/**
 * A topic filter whose wildcards may have names: `line/{machine}/{sensor}` subscribes to `line/+/+` and gives each
 * topic the tags `machine` and `sensor`.
 *
 * @internal
 */
export interface TopicTemplate {
  /** As the user wrote it. */
  readonly text: string
  /** As the broker is asked for it. */
  readonly filter: string
  /** The named levels of a topic, or undefined when the template does not match. */
  match(topic: string): Record<string, string> | undefined
}

/** @throws TypeError or RangeError that names the option @internal */
export function topicTemplate(text: string, option: string): TopicTemplate {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(`${option} must be a topic such as 'line/{machine}/{sensor}', got ${JSON.stringify(text)}`)
  }
  const parts = text.split('/')
  const isShared = parts[0] === '$share'
  if (isShared && parts.length < 3) throw new RangeError(`${option}: '$share' needs a group and a topic, got '${text}'`)
  const own = isShared ? parts.slice(2) : parts
  const levels = own.map((part, i) => levelOf(part, i === own.length - 1, text, option))
  checkNames(levels, text, option)
  const prefix = isShared ? `${parts[0]}/${parts[1]}/` : ''
  return { text, filter: prefix + levels.map(filterOf).join('/'), match: (topic) => matchLevels(levels, topic) }
}

function levelOf(part: string, isLast: boolean, text: string, option: string): Level {
  if (part === '#') {
    if (isLast) return { rest: true }
    throw new RangeError(`${option}: '#' may only be the last level, got '${text}'`)
  }
  if (part === '+') return { name: undefined }
  const name = /^\{([A-Za-z_][\w-]*)\}$/.exec(part)?.[1]
  if (name !== undefined) return { name }
  if (!/[+#{}\0]/.test(part)) return { text: part }
  throw new RangeError(`${option}: a level is text, '+', '{name}' or a last '#', got '${part}' in '${text}'`)
}

function checkNames(levels: readonly Level[], text: string, option: string): void {
  const names = levels.flatMap((level) => ('name' in level && level.name !== undefined ? [level.name] : []))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`${option}: '{${twice}}' is there twice in '${text}'`)
}

function filterOf(level: Level): string {
  if ('text' in level) return level.text
  return 'rest' in level ? '#' : '+'
}

function matchLevels(levels: readonly Level[], topic: string): Record<string, string> | undefined {
  const parts = topic.split('/')
  const first = levels[0] as Level
  // MQTT 4.7.2: wildcards at the beginning do not match topics of the broker itself
  if (topic.startsWith('$') && !('text' in first)) return undefined
  const tags: Record<string, string> = {}
  for (let i = 0; i < levels.length; i += 1) {
    const level = levels[i] as Level
    if ('rest' in level) return tags
    const part = parts[i]
    if (part === undefined) return undefined
    if ('text' in level) {
      if (level.text !== part) return undefined
    } else if (level.name !== undefined) tags[level.name] = part
  }
  return parts.length === levels.length ? tags : undefined
}
