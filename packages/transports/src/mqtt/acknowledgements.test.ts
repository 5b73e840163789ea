import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Acknowledgements } from './acknowledgements.ts'

it('acknowledges in the order of arrival, PUBACK for QoS 1 and PUBREC for QoS 2, in one write', () => {
  const sent: number[][] = []
  const acks = new Acknowledgements((bytes) => sent.push(Array.from(bytes)))
  acks.add(10, 0x0102, 1)
  acks.add(11, 0xffff, 2)
  acks.add(13, 1, 1)
  acks.upTo(9)
  expect(sent).toEqual([])
  acks.upTo(12)
  expect(sent).toEqual([[0x40, 2, 1, 2, 0x50, 2, 0xff, 0xff]])
  expect(acks.length).toBe(1)
})

it('sends each message once, whatever the steps', () => {
  const steps = fc.array(fc.oneof(fc.record({ add: fc.nat(700) }), fc.record({ upTo: fc.nat(5000) })), {
    maxLength: 20
  })
  fc.assert(
    fc.property(steps, (all) => {
      const sent: number[] = []
      const acks = new Acknowledgements((bytes) => {
        for (let i = 0; i < bytes.length; i += 4) sent.push(((bytes[i + 2] as number) << 8) | (bytes[i + 3] as number))
      })
      let position = 0
      let acknowledged = 0
      for (const step of all) {
        if ('add' in step) for (let i = 0; i < step.add; i += 1) acks.add(position, position++ & 0xffff, 1)
        else {
          acks.upTo(step.upTo)
          acknowledged = Math.max(acknowledged, Math.min(position, step.upTo + 1))
        }
      }
      expect(sent).toEqual(Array.from({ length: acknowledged }, (_, i) => i))
      expect(acks.length).toBe(position - acknowledged)
    })
  )
})
