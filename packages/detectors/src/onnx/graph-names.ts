const plain = ['input', 'score', 'score_samples', 'contributions', 'scaled'] as const

/** Of what goes into a graph and what comes out. @internal */
export type GraphNames = Readonly<Record<(typeof plain)[number], string>>

/** @throws RangeError, TypeError for a name that cannot be used @internal */
export function graphNames(asked: Partial<GraphNames>): GraphNames {
  const names = Object.fromEntries(plain.map((key) => [key, asked[key] ?? key])) as GraphNames
  const all = Object.values(names)
  for (const [key, name] of Object.entries(names)) {
    if (typeof name !== 'string') throw new TypeError(`toOnnx: the name of ${key} must be a text, got ${String(name)}`)
    if (name === '' || name.startsWith('/'))
      throw new RangeError(`toOnnx: the name of ${key} must not be empty nor begin with '/', got '${name}'`)
    if (all.indexOf(name) !== all.lastIndexOf(name))
      throw new RangeError(`toOnnx: names must be distinct, got '${name}' twice`)
  }
  return names
}
