import { expect, it } from 'vitest'
import * as errors from './errors.ts'

const cause = new Error('why')
const samples = [
  new errors.NotConnectedError('tcp://a', 'refused', { cause }),
  new errors.AuthError('mqtts://a', 'bad password', { cause }),
  new errors.TimeoutError('answer', 1000, { cause }),
  new errors.MissingDependencyError('serialport', 'serial ports', { cause }),
  new errors.ProtocolError('broken frame', { cause }),
  new errors.DeviceError('WriteDataRate', 0x54, 'too big', { cause }),
  new errors.DecodeError('line 3', 'no number', { cause }),
  new errors.ShapeMismatchError('robustZ', 6, 3, { cause }),
  new errors.SnapshotIncompatibleError('z-score', 'newer', { cause }),
  new errors.OverflowError('buffer', 3, { cause }),
  new errors.BatchError('duckdb', new Map([[1, new Error('full')]]), { cause }),
  new errors.InUseError('a.duckdb', 'in use by process 7', { cause }),
  new errors.StorageError('a.duckdb', 'the disk is full', true, { cause }),
  new errors.OperatorError('rms', 'press-3', { cause }),
  new errors.PipelineError('press-3', 'rejected', { cause }),
  new errors.FencedError('state/checkpoints', 'generation 7 has taken over', { cause }),
  new errors.ModelError('hash', 'loadModel: pump.mwz: model.onnx is not what the manifest says', { cause })
]

it('has a sample of every error class', () => {
  const exported = Object.values(errors) as unknown[]
  const classes = exported.filter((value) => (value as { prototype?: unknown }).prototype instanceof errors.SdkError)
  expect(new Set(samples.map((error) => error.constructor))).toEqual(new Set(classes))
})

it.each(samples)('$name carries its own name, a message, its cause and whether to retry', (error) => {
  expect(error.name).toBe(error.constructor.name)
  expect(error.message).not.toBe('')
  expect(error.message).not.toContain('undefined')
  expect(error.cause).toBe(cause)
  expect(typeof error.retryable).toBe('boolean')
  expect(error).toBeInstanceOf(errors.SdkError)
  expect(errors.isSdkError(error)).toBe(true)
})

it('gives each class its own code', () => {
  expect(new Set(samples.map((error) => error.code)).size).toBe(samples.length)
})

it('tells what another holds from what the caller itself holds', () => {
  expect(new errors.InUseError('a.duckdb', 'in use by process 7').retryable).toBe(true)
  expect(new errors.InUseError('tcp://a', 'a source reads it', { retryable: false }).retryable).toBe(false)
})

it('knows its own from others', () => {
  expect(errors.isSdkError(new Error('other'))).toBe(false)
  expect(errors.isSdkError({ code: 'X', retryable: true })).toBe(false)
  expect(errors.isSdkError(undefined)).toBe(false)
})

it('says what failed, on what, and what to do', () => {
  expect(samples.map((error) => error.message)).toEqual([
    'No connection to tcp://a: refused',
    'mqtts://a refused the credentials: bad password',
    'answer did not come within 1000 ms',
    "serial ports need the package 'serialport'; install it with: npm install serialport",
    'broken frame',
    'The device refused WriteDataRate with 0x54: too big',
    'line 3: no number',
    'robustZ: expected 6 channels, got 3',
    'Cannot restore z-score: newer',
    'buffer is full; 3 items did not fit',
    'Sink duckdb: 1 items failed, the first: full',
    'a.duckdb: in use by process 7',
    'a.duckdb: the disk is full',
    "Operator rms failed on a block of stream 'press-3': why",
    'Pipeline press-3: rejected',
    'state/checkpoints: generation 7 has taken over',
    'loadModel: pump.mwz: model.onnx is not what the manifest says'
  ])
})
