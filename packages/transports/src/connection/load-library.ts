import { MissingDependencyError } from '@messwerk/core/model'

/** What an import of a CommonJS module gives. */
type Imported<L> = Partial<L> & { readonly default?: L | undefined }

/**
 * A library that was given, or the installed one.
 *
 * @param name - of its package
 * @param has - a name that it exports
 * @param neededFor - in the plural, for the error
 * @throws MissingDependencyError
 * @internal
 */
export async function loadLibrary<L extends object>(
  lib: L | undefined,
  name: string,
  has: keyof L,
  neededFor: string,
  load: () => Promise<unknown>
): Promise<L> {
  if (lib) return exportsOf(lib, has)
  try {
    return exportsOf((await load()) as Imported<L>, has)
  } catch (cause) {
    throw new MissingDependencyError(name, neededFor, { cause })
  }
}

/** Node finds only some of the names that a CommonJS module exports; all of them stand in `default`. */
function exportsOf<L extends object>(found: Imported<L>, has: keyof L): L {
  return (found[has] === undefined && found.default ? found.default : found) as L
}
