import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as opcua from 'node-opcua-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { planConnection } from './connection-options.ts'
import { PlantServer } from './fixtures/plant-server.ts'
import { planNodes } from './node-plan.ts'
import { type OpenSession, openSession } from './open-session.ts'
import { resolveNodes } from './resolve-nodes.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }) // a server is started, also on a busy machine

describe('nodes of an OPC UA source', () => {
  let plant: PlantServer
  let open: OpenSession
  beforeAll(async () => {
    plant = await PlantServer.start({ pad: 2, every: 0 })
    open = await openSession(planConnection({ url: plant.url, security: 'None' }, 'test'), opcua, () => {})
  })
  afterAll(async () => {
    await open.close(false)
    await plant.stop()
  })
  const resolve = (streams: Parameters<typeof planNodes>[0], isKnown = false) =>
    resolveNodes(open.session, opcua, planNodes(streams, 'opcuaSource'), { url: plant.url, isKnown })

  it('are found by the URI of their namespace, and by browse path, with or without it', async () => {
    const nodes = await resolve({
      a: {
        byId: 'nsu=urn:mw:plant;s=counter',
        byPath: 'plant/counter',
        own: { path: ['plant', 'nsu=urn:mw:plant;counter'] }
      }
    })
    expect(nodes.map(({ nodeId }) => nodeId.toString())).toEqual(['ns=4;s=counter', 'ns=4;s=counter', 'ns=4;s=counter'])
  })

  it('have unit and range from the server, unless one is given', async () => {
    const id = 'nsu=urn:mw:plant;s=temperature'
    const [own, given] = await resolve({ a: { t: id, f: { node: id, unit: 'K' } } })
    expect(own?.channels).toEqual([{ name: 't', unit: 'Cel', range: [-40, 150] }])
    expect(given?.channels).toEqual([{ name: 'f', unit: 'K' }])
  })

  it('become one channel for each number of a structure and of an array', async () => {
    const nodes = await resolve({ a: { vib: 'plant/vib', spectrum: 'plant/spectrum', running: 'plant/running' } })
    const names = nodes.map(({ channels }) => channels.map(({ name }) => name))
    expect(names).toEqual([['vib.low', 'vib.high'], ['spectrum.0', 'spectrum.1', 'spectrum.2'], ['running']])
  })

  it('that are enumerations become a channel of their numbers', async () => {
    const [mode] = await resolve({ a: { mode: 'plant/mode' } })
    expect([mode?.type, mode?.channels]).toEqual(['Int32', [{ name: 'mode', unit: '1' }]])
  })

  it('that have no value yet may have one later', async () => {
    const { addressSpace } = plant.server.engine
    const own = addressSpace?.getNamespace(plant.namespace)
    own?.addVariable({
      organizedBy: addressSpace?.rootFolder.objects as never,
      browseName: 'empty',
      nodeId: 's=empty',
      dataType: 'Double'
    })
    const empty = resolve({ a: { e: 'nsu=urn:mw:plant;s=empty' } })
    await expect(empty).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
    await expect(empty).rejects.toThrow(/a, e .*it has no value yet/)
  })

  it('that are wrong are all named in one error, with the status of the first', async () => {
    const streams = {
      a: {
        x: 'nsu=urn:mw:plant;s=nope',
        y: 'nsu=urn:other;s=counter',
        z: 'plant/nope',
        t: 'plant/text',
        fine: 'plant/counter'
      }
    }
    await expect(resolve(streams)).rejects.toMatchObject({ code: 'DEVICE_REFUSED', retryable: false })
    await expect(resolve(streams)).rejects.toThrow(
      /a, y .*no namespace 'urn:other'.*a, z .*no 'nope' below plant.*a, x .*BadNodeIdUnknown.*a, t .*it is a String/
    )
    await expect(resolve(streams, true)).rejects.toMatchObject({ code: 'NOT_CONNECTED', retryable: true })
  })

  it('may stand in a file, whose mistakes are named in one error', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'messwerk-nodes-')), 'nodes.json')
    writeFileSync(
      path,
      JSON.stringify({ a: { force: 'nsu=urn:p;s=force' }, b: { vib: { path: 'x/y', unit: 'mm/s' } } })
    )
    expect(planNodes(path, 'opcuaSource').map(({ stream, name, text, unit }) => [stream, name, text, unit])).toEqual([
      ['a', 'force', 'nsu=urn:p;s=force', undefined],
      ['b', 'vib', 'x/y', 'mm/s']
    ])
    const wrong = {
      a: { f: 'ns=4;s=force', g: { node: 'x', path: 'y' }, h: { node: 'x', colour: 1 }, i: 's:=x' },
      b: 7
    }
    writeFileSync(path, JSON.stringify(wrong))
    expect(() => planNodes(path, 'opcuaSource')).toThrow(
      /wrong nodes in .*a, f: .*namespace index.*a, g: needs either.*a, h: .*'colour'.*a, i: .*not a node id.*b: must be/
    )
    writeFileSync(path, '{')
    expect(() => planNodes(path, 'opcuaSource')).toThrow(RangeError)
  })
})
