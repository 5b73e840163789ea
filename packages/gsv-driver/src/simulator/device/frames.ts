import { frameBytes } from '../../codec/index.ts'
import { writeMeasured } from '../../codec/measured.ts'
import type { FrameWriter } from '../transmission.ts'
import type { FramedDevice } from './framed-device.ts'
import type { Settings } from './settings.ts'

/** How many objects of a frame are inputs; counters and the digital lines come behind them. @internal */
export function analogObjects({ objects, counters, mappedLines }: Settings): number {
  return objects - counters.length - (mappedLines > 0 ? 1 : 0)
}

/** What writes measured frames with the settings that are in effect now. @internal */
export function frameWriter(device: FramedDevice): FrameWriter {
  const { layout, measuring, settings, model } = device
  const { objects, channels: inFrame = objects } = layout
  const { inputs } = model
  const scans = objects / inFrame
  const analog = Math.min(analogObjects(settings), inputs)
  const encoding = model.name === 'gsv-8' ? 'offset' : 'signed'
  const out = new Float64Array(objects)
  const values = new Float64Array(inputs)
  const longest = frameBytes(layout)
  return {
    longest,
    scans,
    write: (view, bytes, at, raw, scan) => {
      let flags = 0
      for (let s = 0; s < scans; s += 1) {
        for (let i = 0; i < inputs; i += 1) values[i] = raw[s * inputs + i] as number
        flags |= measuring.process(values, scan + s, analog)
        for (let i = 0; i < analog; i += 1) out[s * inFrame + i] = values[i] as number
        for (let i = analog; i < inFrame; i += 1) out[s * inFrame + i] = extra(device, settings, i - analog, scan + s)
      }
      writeMeasured(view, bytes, at, out, layout, encoding, flags)
      return at + longest
    }
  }
}

/** Counters, a pulse a scan, then the digital lines. */
function extra(device: FramedDevice, { counters, mappedLines, dataType }: Settings, i: number, scan: number): number {
  const raw = i < counters.length ? (counters[i]?.[2] ?? 0) + scan : device.levels & mappedLines
  return dataType === 'float32' ? raw : (raw / 0x8000) * 1.05
}
