import { join } from 'node:path'
import type { Source } from '@messwerk/core/model'
import { spooled } from '@messwerk/core/node'
import { gsvSource } from '@messwerk/gsv-driver'
import { replay } from '@messwerk/storage/files'
import { kafkaSource } from '@messwerk/transports/kafka'
import { json, mqttSource } from '@messwerk/transports/mqtt'
import { GROUP, TOPIC } from './kafka-names.ts'
import type { SubjectSettings } from './protocol.ts'

/** The source under test, behind a spool when that is asked for. */
export function subjectSource(settings: SubjectSettings): Source<'v'> {
  const source = bareSource(settings)
  return settings.spool ? spooled(source, { path: join(settings.state, 'source-spool') }) : source
}

function bareSource(settings: SubjectSettings): Source<'v'> {
  const { address, rate } = settings
  switch (settings.source) {
    case 'file':
      return replay(address, {
        id: 'records',
        channels: { id: '1', v: 'mm/s' },
        time: { column: 'ts', unit: 'ms' },
        group: { column: 'machine', as: 'streams' },
        pacing: { rate }
      })
    case 'gsv':
      return gsvSource({ url: address, id: 'machine-0', channels: { 1: 'id', 2: 'v' } }) as Source<'v'>
    case 'kafka':
      return kafkaSource({
        url: address,
        group: GROUP,
        topics: TOPIC,
        payload: json({ channels: { id: '1', v: 'mm/s' }, time: { at: 'ts', unit: 'ms' } }),
        session: '5s',
        timeout: '5s'
      })
    case 'mqtt':
      return mqttSource({
        url: address,
        clientId: 'oracle',
        topics: 'line/{machine}',
        stream: ({ machine }) => machine as string,
        payload: json({ channels: { id: '1', v: 'mm/s' }, time: { at: 'ts', unit: 'ms' }, sequence: 'seq' }),
        keepalive: '2s',
        timeout: '3s'
      })
  }
}
