/**
 * Imports a module by a name that bundlers do not see: it may not be there, is not wanted in a browser, or has native code.
 *
 * @internal
 */
export async function importPackage<M = unknown>(name: string): Promise<M> {
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as M
}
