import { MEASURED, TWENTY } from './vectors.ts'

/** What is found in a stream, in order: `M` a scan, `A` a response, a number of skipped bytes. @internal */
export interface StreamVector {
  readonly name: string
  readonly bytes: string
  readonly found: readonly ('M' | 'A' | number)[]
}

/** Streams in which frames have to be found. @internal */
export const STREAMS: readonly StreamVector[] = [
  { name: 'garbage and frames', bytes: `85 00 AA ${MEASURED.M12} AA 50 00 85`, found: [3, 'M', 'A'] },
  { name: 'cut start', bytes: `${MEASURED.M13.slice(3)} ${MEASURED.M12}`, found: [11, 'M'] },
  {
    name: 'interleaved',
    bytes: `${MEASURED.M12} AA 54 00 42 C8 00 00 85 ${MEASURED.M12}`,
    found: ['M', 'A', 'M']
  },
  {
    name: 'one flipped bit',
    bytes: `${MEASURED.M1} ${MEASURED.M1.replace('7E 3F', '7F 3F')} ${MEASURED.M1}`,
    found: ['M', 38, 'M']
  },
  {
    name: 'prefix and suffix in data',
    bytes: `${MEASURED.M13} ${MEASURED.M13} ${MEASURED.M13}`,
    found: ['M', 'M', 'M']
  },
  {
    name: 'a long response between frames',
    bytes: `${MEASURED.M5} ${MEASURED.M5} AA 5F 05 ${TWENTY} 85 ${MEASURED.M5}`,
    found: ['M', 'M', 'A', 'M']
  },
  {
    name: 'a lost byte',
    bytes: `${MEASURED.M5} ${MEASURED.M5} ${MEASURED.M5.slice(3)} ${MEASURED.M5}`,
    found: ['M', 'M', 35, 'M']
  },
  {
    name: 'a false header that asks for many bytes',
    bytes: `AA 3F B0 AA 5F FF ${MEASURED.M12} ${MEASURED.M12} ${MEASURED.M12.repeat(1)}`,
    found: [6, 'M', 'M', 'M']
  },
  {
    name: 'every kind of response',
    bytes: 'AA 50 52 85 AA 70 00 A2 85 AA 5F 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 85 AA 50 EE 85',
    found: ['A', 'A', 'A', 'A']
  }
]
