import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topicTemplate } from './topic-template.ts'

describe('a topic template', () => {
  it.each([
    ['line/{machine}/{sensor}', 'line/+/+'],
    ['a/+/b', 'a/+/b'],
    ['x/#', 'x/#'],
    ['#', '#'],
    ['$share/group/line/{machine}', '$share/group/line/+'],
    ['/leading', '/leading']
  ])('%s subscribes to %s', (text, filter) => {
    expect(topicTemplate(text, 'topics').filter).toBe(filter)
  })

  it.each([
    ['line/{machine}/{sensor}', 'line/m1/t', { machine: 'm1', sensor: 't' }],
    ['line/{machine}/{sensor}', 'line/m1', undefined],
    ['line/{machine}/{sensor}', 'line/m1/t/x', undefined],
    ['line/{machine}/{sensor}', 'Line/m1/t', undefined],
    ['line/{machine}/#', 'line/m1/a/b', { machine: 'm1' }],
    ['line/{machine}/#', 'line/m1', { machine: 'm1' }],
    ['line/{machine}/#', 'line', undefined],
    ['+/b', '/b', {}],
    ['#', '$SYS/load', undefined],
    ['+/load', '$SYS/load', undefined],
    ['$SYS/#', '$SYS/load', {}],
    ['$share/g/line/{machine}', 'line/m1', { machine: 'm1' }]
  ])('%s on %s gives %j', (text, topic, tags) => {
    expect(topicTemplate(text, 'topics').match(topic)).toEqual(tags)
  })

  it.each([
    ['', /topics must be a topic/],
    ['a/#/b', /'#' may only be the last level/],
    ['a/b+', /a level is text/],
    ['a/{1x}', /a level is text/],
    ['a/x{name}', /a level is text/],
    ['{m}/{m}', /'{m}' is there twice/],
    ['$share/group', /needs a group and a topic/]
  ])('%s is refused', (text, why) => {
    expect(() => topicTemplate(text, 'topics')).toThrow(why)
  })

  it('gives back the levels that were put in', () => {
    const level = fc.stringMatching(/^[a-z0-9 ._-]{0,8}$/)
    fc.assert(
      fc.property(level, level, fc.array(level, { maxLength: 3 }), (machine, sensor, rest) => {
        const topic = ['line', machine, sensor, ...rest].join('/')
        expect(topicTemplate('line/{machine}/{sensor}/#', 't').match(topic)).toEqual({ machine, sensor })
      })
    )
  })
})
