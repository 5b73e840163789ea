/**
 * The first expected line that a program did not print, or undefined if all came, in this order.
 * Lines in between do not matter; `…` in an expected line stands for any text, for what differs from run to run.
 */
export function missingLine(expected: string, output: string): string | undefined {
  const printed = output.split('\n').map((line) => line.trim())
  let next = 0
  for (const line of expected.split('\n').map((text) => text.trim())) {
    if (!line) continue
    const pattern = patternOf(line)
    const found = printed.findIndex((candidate, index) => index >= next && pattern.test(candidate))
    if (found < 0) return line
    next = found + 1
  }
  return undefined
}

function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
