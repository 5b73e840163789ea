import { Buffer, isUtf8 } from 'node:buffer'

/** The text of a payload, or undefined when it is not UTF-8. @internal */
export function textOf(bytes: Uint8Array): string | undefined {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = buffer.toString()
  // the sign for what could not be read is also an ordinary character: only where it stands are the bytes looked at
  return text.includes('\ufffd') && !isUtf8(buffer) ? undefined : text
}
