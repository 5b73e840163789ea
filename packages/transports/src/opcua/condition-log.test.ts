import { describe, expect, it } from 'vitest'
import { ConditionLog } from './condition-log.ts'
import type { ServerEvent } from './event-fields.ts'

const event = (more: Partial<ServerEvent>): ServerEvent => ({
  time: 100,
  type: 'OffNormalAlarmType',
  eventId: '01',
  source: 'press',
  message: 'hot',
  severity: 500,
  condition: 'nsu=urn:p;s=hot',
  name: 'hot',
  isBranch: false,
  retain: true,
  active: true,
  since: 90,
  acked: false,
  ...more
})
const plain = (type: string, time = 200) => event({ type, time, condition: undefined })

describe('the log of conditions', () => {
  function told(...events: readonly ServerEvent[]) {
    const log = new ConditionLog()
    return { log, events: tell(log, ...events) }
  }
  function tell(log: ConditionLog, ...events: readonly ServerEvent[]) {
    for (const one of events) log.add('area', one, 100)
    return log.take('s', 7)
  }

  it('tells a beginning once, again when it was acknowledged, and the end, under one id', () => {
    const { events } = told(
      event({}),
      event({ time: 120 }),
      event({ time: 130, acked: true }),
      event({ time: 150, active: false, since: 149, acked: true })
    )
    expect(
      events.map(({ phase, start, end, data }) => [phase, start, end, (data as { acked: boolean }).acked])
    ).toEqual([
      ['begin', 90, undefined, false],
      ['begin', 90, undefined, true],
      ['end', 90, 149, true]
    ])
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(['area/nsu=urn:p;s=hot/90']))
    expect(events[0]?.origin).toEqual({ split: 's', position: 7 })
  })

  it('is told the same again by a refresh: nothing new', () => {
    const { log } = told(event({}))
    log.disconnected()
    const again = tell(log, plain('RefreshStartEventType'), event({}), plain('RefreshEndEventType'))
    expect(again).toEqual([])
  })

  it('ends what a refresh does not name any more', () => {
    const { log } = told(event({}), event({ condition: 'other' }))
    const ended = tell(log, plain('RefreshStartEventType'), event({}), plain('RefreshEndEventType', 300))
    expect(ended.map(({ id, phase, end, data }) => [id, phase, end, (data as { endedBy: string }).endedBy])).toEqual([
      ['area/other/90', 'end', 300, 'refresh']
    ])
  })

  it('ends nothing when a refresh was broken off', () => {
    const { log } = told(event({}))
    tell(log, plain('RefreshStartEventType'))
    log.disconnected()
    expect(tell(log, plain('RefreshEndEventType'))).toEqual([])
  })

  it('ends an alarm and begins another one when it was inactive while nobody was told', () => {
    const { log } = told(event({}))
    const events = tell(log, event({ time: 400, since: 390 }))
    expect(events.map(({ phase, start, end }) => [phase, start, end])).toEqual([
      ['end', 90, 390],
      ['begin', 390, undefined]
    ])
  })

  it('leaves out earlier states, what is not severe, and what is inactive and was never told', () => {
    const inactive = event({ active: false })
    expect(told(event({ isBranch: true }), event({ severity: 99 }), inactive, event({ retain: false })).events).toEqual(
      []
    )
  })

  it('asks for a refresh when the server does, and tells of an overflow however severe it is', () => {
    const log = new ConditionLog()
    expect(log.add('area', plain('RefreshRequiredEventType'), 100)).toBe(true)
    expect(log.add('area', Object.assign(plain('EventQueueOverflowEventType'), { severity: 1 }), 100)).toBe(false)
    log.tear('area', 5)
    expect(log.take('s', 1).map(({ rule, phase }) => [rule, phase])).toEqual([
      ['overflow', 'end'],
      ['gap', 'end']
    ])
  })
})
