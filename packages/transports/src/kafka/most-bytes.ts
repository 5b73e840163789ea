/** Most bytes of one record batch, decompressed: a broker takes 1 MiB compressed unless it is told otherwise. @internal */
export const MOST_BYTES = 256 * 1024 * 1024
