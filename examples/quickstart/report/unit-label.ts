const SIGNS: Readonly<Record<string, string>> = { '1': '', Cel: '°C', deg: '°', Ohm: 'Ω', '[g]': 'g' }

/** A UCUM code as a chart shows it: `N·m`, `m/s²`, `°C`; empty for a plain number. */
export function unitLabel(code: string): string {
  if (code in SIGNS) return SIGNS[code] ?? ''
  const note = /^\{([^{}]*)\}$/.exec(code)
  if (note) return note[1] ?? ''
  return code
    .replaceAll('.', '·')
    .replace(/([a-z])2\b/gi, '$1²')
    .replace(/([a-z])3\b/gi, '$1³')
}
