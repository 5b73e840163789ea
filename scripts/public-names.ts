import ts from 'typescript'

/**
 * What is missing in the docs of the names that these entries export: each needs a docstring with an `@example`.
 */
export function undocumentedNames(entries: ReadonlyMap<string, string>, options: ts.CompilerOptions): string[] {
  const program = ts.createProgram([...entries.values()], options)
  const checker = program.getTypeChecker()
  const problems = new Set<string>()
  for (const [specifier, path] of entries) {
    const file = program.getSourceFile(path)
    const module = file && checker.getSymbolAtLocation(file)
    if (!file) problems.add(`${specifier}: ${path} does not exist`)
    for (const exported of module ? checker.getExportsOfModule(module) : []) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const missing = missingIn(symbol, checker)
      if (missing) problems.add(`${placeOf(symbol)}: ${exported.name} (public through ${specifier}) has no ${missing}`)
    }
  }
  return [...problems].sort()
}

function missingIn(symbol: ts.Symbol, checker: ts.TypeChecker): string | undefined {
  if (symbol.getDocumentationComment(checker).length === 0) return 'docstring'
  return symbol.getJsDocTags(checker).some(({ name }) => name === 'example') ? undefined : '@example'
}

function placeOf(symbol: ts.Symbol): string {
  const declaration = symbol.declarations?.[0]
  if (!declaration) return symbol.name
  const file = declaration.getSourceFile()
  const path = file.fileName.replace(`${process.cwd()}/`, '')
  return `${path}:${file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1}`
}

/** The compiler options of a tsconfig file. */
export function compilerOptions(tsconfig: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(tsconfig, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, process.cwd()).options
}
