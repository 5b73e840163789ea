import type { FieldValues, GsvCommand } from '../commands/index.ts'

/** Whole numbers where the other form of a command wants them. @internal */
export function rounded(values: FieldValues | undefined, { request }: GsvCommand): FieldValues {
  const entries = Object.entries(values ?? {}).map(([name, value]) => {
    const whole = request.some((field) => field.name === name && field.type.startsWith('u'))
    return [name, whole && typeof value === 'number' ? Math.round(value) : value]
  })
  return Object.fromEntries(entries) as FieldValues
}
