import { expect, it } from 'vitest'
import { isThisMachine } from './is-this-machine.ts'

it.each([
  ['localhost', true],
  ['LOCALHOST', true],
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['[::1]', true],
  ['0:0:0:0:0:0:0:1', true],
  ['[::ffff:127.0.0.1]', true],
  ['localhost.', false],
  ['kafka.localhost', false],
  ['evil\0.localhost', false],
  ['localhost\0', false],
  ['127.999.1.1', false],
  ['127.1', false],
  ['::ffff:127.999.1.1', false],
  ['kafka-1', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example', false],
  ['localhost.example', false],
  ['[::2]', false],
  ['0.0.0.0', false]
])('%s: %s', (host, expected) => {
  expect(isThisMachine(host)).toBe(expected)
})
