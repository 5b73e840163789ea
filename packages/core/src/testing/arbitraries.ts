// An entry of its own, `@messwerk/core/testing/arbitraries`: it needs the optional peer fast-check, the rest of the kit does not.
export { type ArbitraryBlockOptions, arbitraryBlock } from './arbitrary-block.ts'
export { arbitraryBlocks } from './arbitrary-blocks.ts'
export { arbitraryStream } from './arbitrary-stream.ts'
export { cuttings } from './cuttings.ts'
