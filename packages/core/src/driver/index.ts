export { crc32c } from '../model/crc-32c.ts'
export { type Scheduler, sleep } from '../time/scheduler.ts'
export { systemTime } from '../time/system-time.ts'
export type { ByteLink, ByteReceiver } from './byte-link.ts'
export type { ClockMemory } from './clock-memory.ts'
export { FrameReader, type FrameReceiver } from './frame-reader.ts'
export {
  type DelimitedFramesOptions,
  delimitedFrames,
  type FrameShape,
  type LengthFramesOptions,
  lengthFrames
} from './frame-shape.ts'
export { PushQueue } from './push-queue.ts'
export { RequestQueue, type RequestQueueOptions } from './request-queue.ts'
export { SampleClock } from './sample-clock.ts'
export type { SampleClockOptions } from './sample-clock-options.ts'
export { ScanBlocks, type ScanBlocksOptions } from './scan-blocks.ts'
export type { ScanTimes } from './scan-times.ts'
