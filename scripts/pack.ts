import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { publicPackages } from './public-packages.ts'
import { root, run } from './steps.ts'

/** Where packed tarballs go, one folder a package. */
export const packedFolder = `${root}/node_modules/.cache/messwerk-packed`

/** Packs every public package as it would be published (pnpm swaps in `publishConfig`); resolves to name -> tarball. Build first. */
export async function packAll(): Promise<Map<string, string>> {
  rmSync(packedFolder, { recursive: true, force: true })
  const tarballs = new Map<string, string>()
  for (const { name, folder } of publicPackages()) {
    const into = `${packedFolder}/${folder}`
    mkdirSync(into, { recursive: true })
    const code = await run(['pnpm', '--silent', '--dir', folder, 'pack', '--pack-destination', into])
    const [tarball] = readdirSync(into)
    if (code !== 0 || !tarball) throw new Error(`pnpm pack failed in ${folder}`)
    tarballs.set(name, `${into}/${tarball}`)
  }
  return tarballs
}
