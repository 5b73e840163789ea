import ts from 'typescript'
import type { Example } from './example-source.ts'

interface Import {
  readonly module: string
  readonly imported: string
  readonly isType: boolean
}

/** An example cut into the imports it needs (by local name) and the code that follows them. */
interface Parts {
  readonly example: Example
  readonly imports: ReadonlyMap<string, Import>
  readonly sideEffects: readonly string[]
  /** Every identifier in the code, but for property names behind a dot. */
  readonly names: ReadonlySet<string>
  readonly body: string
}

/** The text of a Vitest file that runs these examples, one test each; `toScripts` is the relative path to `scripts/`. */
export function exampleTest(examples: readonly Example[], toScripts: string): string {
  const parts = examples.map(partsOf)
  const lines = [
    `import { expect as $expect, it as $it } from 'vitest'`,
    `import { runExample as $run } from '${toScripts}/run-example.ts'`
  ]
  return [...lines, ...importLines(parts), '', ...parts.map(testOf), ''].join('\n')
}

/** Whether all examples can share one module: no name means two things, and each imports all that it uses itself. */
export function canShareModule(examples: readonly Example[]): boolean {
  const parts = examples.map(partsOf)
  const meanings = new Map<string, string>()
  for (const { imports } of parts) {
    for (const [local, { module, imported }] of imports) {
      const meaning = `${module}#${imported}`
      if (module === 'vitest' || (meanings.get(local) ?? meaning) !== meaning) return false
      meanings.set(local, meaning)
    }
  }
  return parts.every(({ imports, names }) =>
    [...meanings.keys()].every((local) => imports.has(local) || !names.has(local))
  )
}

function testOf({ example, imports, body }: Parts): string {
  const name = JSON.stringify(example.place)
  if (example.notRun)
    return `$it(${name}, (test) => test.skip(${JSON.stringify(example.notRun)}))\nasync function $compiledOnly() {\n${body}\n}`
  if ([...imports.values()].some(({ module }) => module === 'vitest')) return body
  return `$it(${name}, () => $run(async () => {\n${body}\n}))`
}

function importLines(parts: readonly Parts[]): string[] {
  const merged = new Map<string, Import>()
  for (const { imports } of parts) {
    for (const [local, found] of imports) {
      const isType = found.isType && (merged.get(local)?.isType ?? true)
      merged.set(local, { module: found.module, imported: found.imported, isType })
    }
  }
  const lines = [...merged].map(([local, { module, imported, isType }]) => {
    const type = isType ? 'type ' : ''
    if (imported === '*') return `import ${type}* as ${local} from '${module}'`
    return `import ${type}{ ${imported === local ? local : `${imported} as ${local}`} } from '${module}'`
  })
  return [...lines, ...new Set(parts.flatMap(({ sideEffects }) => sideEffects))]
}

function partsOf(example: Example): Parts {
  const file = ts.createSourceFile(`example.${example.language}`, example.code, ts.ScriptTarget.ESNext, true)
  const imports = new Map<string, Import>()
  const sideEffects: string[] = []
  const edits: [from: number, to: number, text: string][] = []
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      if (statement.importClause) collectImports(statement, imports)
      else sideEffects.push(statement.getText())
      edits.push([statement.getStart(), statement.end, ''])
    } else if (ts.canHaveModifiers(statement)) {
      const exported = ts.getModifiers(statement)?.find((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)
      if (exported) edits.push([exported.getStart(), exported.end, ''])
    }
  }
  collectAssertions(file, example, edits)
  edits.sort((a, b) => b[0] - a[0])
  let body = example.code
  for (const [from, to, text] of edits) body = body.slice(0, from) + text + body.slice(to)
  return { example, imports, sideEffects, names: namesIn(file), body: body.trim() }
}

function namesIn(file: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    const isProperty =
      ts.isPropertyAccessExpression(node.parent ?? node) && (node.parent as ts.PropertyAccessExpression).name === node
    if (ts.isIdentifier(node) && !isProperty) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  for (const statement of file.statements) if (!ts.isImportDeclaration(statement)) visit(statement)
  return names
}

function collectImports(statement: ts.ImportDeclaration, imports: Map<string, Import>): void {
  const module = (statement.moduleSpecifier as ts.StringLiteral).text
  const clause = statement.importClause!
  const allTypes = clause.phaseModifier === ts.SyntaxKind.TypeKeyword
  if (clause.name) imports.set(clause.name.text, { module, imported: 'default', isType: allTypes })
  const bindings = clause.namedBindings
  if (bindings && ts.isNamespaceImport(bindings))
    imports.set(bindings.name.text, { module, imported: '*', isType: allTypes })
  if (!bindings || !ts.isNamedImports(bindings)) return
  for (const { name, propertyName, isTypeOnly } of bindings.elements) {
    imports.set(name.text, { module, imported: (propertyName ?? name).text, isType: allTypes || isTypeOnly })
  }
}

/** `expr // => value`, the value also on the next line; further lines of it begin with two spaces. */
const arrow = /^;?[ \t]*(?:\n[ \t]*)?\/\/ => (.*(?:\n[ \t]*\/\/ {2,}.*)*)/
const throwing = /^;?[ \t]*(?:\n[ \t]*)?\/\/ throws (\w+)(?:: (.*?))?…?(?=\n|$)/

function collectAssertions(file: ts.SourceFile, { code, place }: Example, edits: [number, number, string][]): void {
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) {
      const rest = code.slice(node.end)
      const value = arrow.exec(rest)
      const error = throwing.exec(rest)
      if (value) edits.push(assertEqual(node, value, place))
      else if (error) edits.push(assertThrows(node, error))
      if (value || error) return
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
}

function assertEqual(
  node: ts.ExpressionStatement | ts.VariableStatement,
  match: RegExpExecArray,
  place: string
): [number, number, string] {
  const value = match[1]!
    .replaceAll(/\n[ \t]*\/\//g, '\n')
    .replaceAll(
      /(-?\d+(?:\.(\d+))?)…/g,
      (_, digits: string, decimals = '') => `$expect.closeTo(${digits}, ${decimals.length})`
    )
  const to = node.end + match[0].length
  if (ts.isExpressionStatement(node))
    return [node.getStart(), to, `$expect(${printed(node.expression)}).toEqual(${value})`]
  const name = node.declarationList.declarations[0]!.name
  if (!ts.isIdentifier(name)) throw new Error(`${place}: "// =>" behind a destructuring: name one value`)
  return [node.end, to, `\n$expect(${name.text}).toEqual(${value})`]
}

function assertThrows(
  node: ts.ExpressionStatement | ts.VariableStatement,
  match: RegExpExecArray
): [number, number, string] {
  const [, name, message = ''] = match
  const text = `await $expect((async () => { ${node.getText()} })()).rejects.toMatchObject({ name: '${name}', message: $expect.stringContaining(${JSON.stringify(message)}) })`
  return [node.getStart(), node.end + match[0].length, text]
}

/** `console.log(x) // => 3` is about `x`. */
function printed(expression: ts.Expression): string {
  const isLog =
    ts.isCallExpression(expression) &&
    expression.expression.getText() === 'console.log' &&
    expression.arguments.length === 1
  return (isLog ? expression.arguments[0]! : expression).getText()
}
