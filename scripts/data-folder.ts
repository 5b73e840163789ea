import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * The folder with the large recordings that are not in the repository: `MESSWERK_DATA`, or `shared/data` beside the checkout.
 * Tests find it in `process.env.MESSWERK_DATA`, which is empty where there is none: they skip with that reason.
 */
export function dataFolder(): string | undefined {
  const beside = resolve(import.meta.dirname, '../../shared/data')
  return process.env.MESSWERK_DATA || (existsSync(beside) ? beside : undefined)
}
