import { ATOMS, splitSymbol } from './unit-table.ts'

const SUPERSCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  [...'0123456789-'].map((d, i) => [d, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[i] ?? d])
)
const PARTS = /(10[*^]|(?:\[[^[\]]*\]|[^\d./(){}[\]+\-\s])+)([+-]?\d+)?|\{([^{}]*)\}|\.|[\s\S]/g

/**
 * A UCUM code as people write it: `°C`, `N·m`, `m/s²`; empty for a plain number. What is no known unit stays as it is.
 *
 * @internal
 */
export function unitText(code: string): string {
  if (code === '1') return ''
  const text = code.replace(PARTS, (part, symbol?: string, exponent?: string, note?: string) => {
    if (symbol !== undefined) return symbolText(symbol) + exponentText(exponent)
    if (note !== undefined) return note === '' || part === code ? note : ` ${note} `
    return part === '.' ? '·' : part
  })
  return (text.startsWith('/') ? `1${text}` : text)
    .replace(/ +/g, ' ')
    .replace(/ ?([/·]) ?/g, '$1')
    .trim()
}

function symbolText(symbol: string): string {
  const split = splitSymbol(symbol)
  if (!split) return symbol
  return (split.prefix === 'u' ? 'µ' : split.prefix) + (ATOMS[split.atom]?.text ?? split.atom)
}

function exponentText(exponent: string | undefined): string {
  return [...(exponent ?? '')].map((sign) => SUPERSCRIPTS[sign] ?? '').join('')
}
