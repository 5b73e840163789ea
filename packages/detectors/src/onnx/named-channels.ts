import type { OnnxModel } from './graph.ts'

/** The channels that a model of here names in its metadata, where they are as many as it takes. @internal */
export function namedChannels({ metadata }: OnnxModel, width: number): readonly string[] | undefined {
  const text = metadata.get('messwerk.channels')
  if (text === undefined) return undefined
  try {
    const names: unknown = JSON.parse(text)
    const isList = Array.isArray(names) && names.length === width && new Set(names).size === width
    return isList && names.every((name) => typeof name === 'string') ? names : undefined
  } catch {
    return undefined
  }
}
