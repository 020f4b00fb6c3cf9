import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { INTAKE_OPERATIONS } from '#http'
import { Collector, DoorServer, problemOf } from './testing/collector.js'
import { view } from './testing/beacons.js'
import { event, EventsSender, json, openEventsCollector, receipt } from './testing/server-events.js'

describe('the doors of the collector', () => {
  let collector: Collector
  let server: DoorServer
  beforeEach(async () => {
    collector = await openEventsCollector()
    server = await DoorServer.listen(collector)
  })
  afterEach(() => server.close())

  it.each(INTAKE_OPERATIONS.map(({ method, path }) => [method.toUpperCase(), path]))(
    'are those of the API document: %s %s',
    async (method, path) => {
      const [own, other] = [await server.send({ method, path }), await server.send({ method: 'PUT', path })]
      expect([own.body.toString(), own.status === 405, other.status]).not.toContain('nobody')
      expect([own.status === 405, other.status]).toEqual([false, 405])
      expect(other.headers.allow).toMatch(new RegExp(`^${method}\\b`))
    },
  )

  it('take no erasure from outside', async () => {
    const answer = await server.send({ body: JSON.stringify(view({ e: 'erase' })) })
    expect(problemOf(answer)).toMatchObject({ code: 'bad_field', field: 'e' })
    const lines = await new EventsSender(server).lines(event({ type: 'erase' }))
    expect(json(lines)).toEqual(receipt(0, {}, [[1, 'bad_field']]))
    expect(collector.log.events).toEqual([])
  })
})
