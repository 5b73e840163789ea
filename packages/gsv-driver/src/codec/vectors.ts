/** Bytes of a string such as `'AA 90 23 85'`; for tests. @internal */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text.split(/[\s·]+/).filter(Boolean), (byte) => Number.parseInt(byte, 16))
}

/** Measured frames quoted from the protocol's specification, or derived from it. @internal */
export const MEASURED = {
  M1: 'AA 37 B0 C1 C7 CD 38 3F E6 19 7E 3F C0 B6 0B BF 49 7E 95 40 22 DD 1D 3F B2 11 53 3E E6 C3 72 3F 92 65 3B E7 6E 85',
  M2: 'AA 15 B0 BD FA 09 F3 BF 86 66 66 3F 86 66 66 3F 86 66 66 BE 1E E2 0A BF 86 66 66 85',
  M3: 'AA 15 B0 3A 49 9B 2C BF 86 66 66 BF 5C D4 2D BF 4E E3 26 B9 A8 01 50 BF 86 66 66 85',
  M4: 'AA 15 B0 BC 40 27 E6 BF 86 66 66 BE DC 40 93 BE 50 BA A2 BC 8C B4 4C BF 86 66 66 85',
  M5: 'AA 17 B0 00 00 00 00 3F 80 00 00 BF 80 00 00 3F 00 00 00 BE 80 00 00 40 00 00 00 42 C8 00 00 C0 60 00 00 85',
  M6: 'AA 17 91 00 00 06 18 80 00 F9 E7 FF FF 80 00 80 00 80 00 85',
  M7: 'AA 17 A2 00 00 00 06 18 62 80 00 00 F9 E7 9E FF FF FF 80 00 00 80 00 00 80 00 00 85',
  M8: 'AA 15 90 86 18 79 E7 00 00 7F FF 80 00 FF FF 85',
  M9: 'AA 31 90 80 00 F9 E7 EF FD 85',
  M10: 'AA 31 A0 80 00 00 F9 E7 9E 27 70 85',
  M11: 'AA 30 B0 3F 80 00 00 49 CD 85',
  M12: 'AA 10 90 06 18 85',
  M13: 'AA 11 B0 85 AA 85 85 3F 80 00 00 85'
} as const
