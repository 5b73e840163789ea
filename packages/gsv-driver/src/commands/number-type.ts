/** How a number lies on the wire, big-endian. @internal */
export interface NumberType {
  readonly bytes: number
  readonly low: number
  readonly high: number
  readonly whole: boolean
  readonly put: (view: DataView, at: number, value: number) => void
  readonly get: (view: DataView, at: number) => number
}

const FIXED = 2 ** 24

/** Every type of a number by its name. @internal */
export const NUMBERS: Readonly<Record<string, NumberType>> = {
  u8: integer(1, false),
  u16: integer(2, false),
  s16: integer(2, true),
  u24: integer(3, false),
  s24: integer(3, true),
  u32: integer(4, false),
  s32: integer(4, true),
  f32: {
    bytes: 4,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    whole: false,
    put: (view, at, value) => view.setFloat32(at, value),
    get: (view, at) => view.getFloat32(at)
  },
  's7.24': {
    bytes: 4,
    low: -128,
    high: 128 - 1 / FIXED,
    whole: false,
    put: (view, at, value) => view.setInt32(at, Math.round(value * FIXED)),
    get: (view, at) => view.getInt32(at) / FIXED
  }
}

function integer(bytes: number, signed: boolean): NumberType {
  const reach = 2 ** (8 * bytes)
  return {
    bytes,
    low: signed ? -reach / 2 : 0,
    high: (signed ? reach / 2 : reach) - 1,
    whole: true,
    put: (view, at, value) => {
      for (let i = 0; i < bytes; i += 1) view.setUint8(at + i, Math.floor(value / 2 ** (8 * (bytes - 1 - i))) & 255)
    },
    get: (view, at) => {
      let value = 0
      for (let i = 0; i < bytes; i += 1) value = value * 256 + view.getUint8(at + i)
      return signed && value >= reach / 2 ? value - reach : value
    }
  }
}
