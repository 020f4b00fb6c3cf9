import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endEverything, pause, request } from '../../support/harness/index.js'
import { faultOf } from './answer-rules.js'
import { exchange, RawConnection } from './raw-client.js'
import { BEGINNINGS, SOCKET_ATTACKS, type SocketAttack } from './socket-attacks.js'
import {
  expectGoodCounted,
  expectOrderlyEnd,
  expectUnharmed,
  type GoodTraffic,
  openStage,
  type Stage,
  startGoodTraffic,
} from './stage.js'

const CUT_OFF_EACH = 100
/** Long enough for a server that would answer twice to do so. */
const LATE_ANSWER_MS = 60

let stage: Stage
let good: GoodTraffic
let pid: number
beforeAll(async () => {
  stage = await openStage()
  pid = stage.product.pid
  good = startGoodTraffic(stage.product.url)
})
afterAll(endEverything)

async function attack(port: number, one: SocketAttack, problems: boolean): Promise<void> {
  const { bytes, allowed, answers = 1, mustClose = false } = one
  const head = bytes.subarray(0, 4).toString() === 'HEAD'
  const connection = await RawConnection.open(port)
  const first = await connection.send(bytes, { answers, head, timeoutMs: 5000 })
  const later = await connection.send(Buffer.alloc(0), {
    answers: Number.POSITIVE_INFINITY,
    head,
    timeoutMs: mustClose ? 5000 : LATE_ANSWER_MS,
  })
  connection.cut()
  const all = [...first.answers, ...later.answers]
  const faults = all.map((answer) => faultOf(answer, { problems, maybeNoHttp: true, head }))
  expect(faults.filter((fault) => fault !== null)).toEqual([])
  const statuses = all.map(({ status }) => status)
  // Refused before its body was read, and then the body was none: the end of the connection may be told, once.
  if (later.end === 'closed' && statuses.length > answers && [400, 431].includes(statuses.at(-1)!)) statuses.pop()
  expect(statuses).toHaveLength(statuses.length === 0 && allowed.includes(0) ? 0 : answers)
  for (const status of statuses) expect(allowed).toContain(status)
  expect(later.end === 'closed' || !mustClose).toBe(true)
}

describe('on the public port', () => {
  it.concurrent.each(SOCKET_ATTACKS)('reads in one way or refuses: $name', (one) => attack(stage.port, one, true))
})

describe('on the ops port', () => {
  const refusals = SOCKET_ATTACKS.filter(({ mustClose }) => mustClose)
  // What a door refuses before it reads a body, this one answers with 405 and never reads.
  const other = { allowed: [400, 405, 413, 431, 0] }
  it.concurrent.each(refusals)('reads in one way or refuses: $name', (one) =>
    attack(stage.opsPort, { ...one, ...other }, false),
  )
})

it('takes a thousand requests that are cut off in the middle, by FIN and by RST, without an answer or a trace', async () => {
  const cutOff = async (bytes: Buffer, n: number) => {
    const connection = await RawConnection.open(n % 4 === 3 ? stage.opsPort : stage.port)
    if (n % 2 === 0) await connection.send(bytes, { endAfter: true, timeoutMs: 20 })
    else {
      connection.socket.write(bytes)
      await pause(5)
    }
    connection.cut()
  }
  for (let n = 0; n < CUT_OFF_EACH; n += 10) {
    const turn = BEGINNINGS.flatMap((bytes) => Array.from({ length: 10 }, (_, i) => cutOff(bytes, n + i)))
    await Promise.all(turn)
  }
  expect((await request({ url: `${stage.product.url}/w/demo.json` })).status).toBe(200)
})

it('answers each of pipelined beacons in its turn', async () => {
  const bad = 'POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'
  const read = 'GET /w/demo.json HTTP/1.1\r\nHost: x\r\n\r\n'
  const { answers } = await exchange(stage.port, Buffer.from((bad + read).repeat(200)), { answers: 400 })
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => [400, 200]).flat())
})

it('has counted the good beacons exactly, nothing smuggled, and ends in order', async () => {
  const outcomes = await good.stop()
  console.log(
    `${SOCKET_ATTACKS.length} attacks, ${CUT_OFF_EACH * BEGINNINGS.length} cut off, good beacons ${outcomes.length}`,
  )
  await expectGoodCounted(stage, outcomes)
  await expectUnharmed(stage, pid)
  await expectOrderlyEnd(stage)
})
