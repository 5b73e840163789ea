import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { compilerOptions } from '../scripts/public-names.ts'

// Each file in test/types/ is compiled. A line below `// @expect-error-text <text>` must be an error whose message contains
// <text>; every other line must compile. Several such comments above one line ask for several texts.
const folder = `${import.meta.dirname}/types`
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
const program = ts.createProgram(
  files.map((name) => `${folder}/${name}`),
  { ...compilerOptions('tsconfig.base.json'), noUnusedLocals: false, noUnusedParameters: false }
)

describe.each(files)('types: %s', (name) => {
  const file = program.getSourceFile(`${folder}/${name}`)!
  const errors = ts.getPreEmitDiagnostics(program, file).map((diagnostic) => ({
    line: file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line,
    text: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  }))
  const expected = expectationsIn(readFileSync(`${folder}/${name}`, 'utf8').split('\n'))

  it('right uses compile', () => {
    const lines = new Set(expected.map(({ line }) => line))
    expect(errors.filter(({ line }) => !lines.has(line)).map(({ line, text }) => `line ${line + 1}: ${text}`)).toEqual(
      []
    )
  })

  it.each(expected)('line $lineNumber does not compile: $text', ({ line, text }) => {
    expect(
      errors
        .filter((error) => error.line === line)
        .map((error) => error.text)
        .join('\n')
    ).toContain(text)
  })
})

function expectationsIn(lines: string[]): { line: number; lineNumber: number; text: string }[] {
  const comment = /^\s*\/\/ @expect-error-text (.+)$/
  return lines.flatMap((content, index) => {
    const text = comment.exec(content)?.[1]
    if (!text) return []
    let line = index + 1
    while (comment.test(lines[line] ?? '')) line++
    return [{ line, lineNumber: line + 1, text }]
  })
}
