import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { LaunchOptions, Standalone } from './index.js'
import { DidNotStart, endEverything, startAndRefuse, startStandalone } from './index.js'

const entry = resolve(import.meta.dirname, 'fake-product.fixture.mjs')
const start = (options: LaunchOptions = {}) => startStandalone({ entry, ...options })

const childOf = (product: Standalone) => Number(product.logs()[0]?.['child'])

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

afterEach(endEverything)

describe('the process harness', () => {
  it('gives the addresses, waits until ready, and reports an orderly end', async () => {
    const product = await start()
    await product.waitReady()
    expect(product.firstLine).toBe(`${product.url}/`)
    expect(product.opsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(isRunning(childOf(product))).toBe(true)
    expect(await product.stop()).toMatchObject({ code: 0, signal: null, wasKilled: false, leftBehind: 0 })
  })

  it('kills the whole tree, with a child that has no mark and outlives its parent', async () => {
    const product = await start()
    await product.killTree()
    expect(await product.exited).toEqual({ code: null, signal: 'SIGKILL' })
    expect([isRunning(product.pid), isRunning(childOf(product))]).toEqual([false, false])
  })

  it('tells what was left behind by an end that was not orderly, and ends it', async () => {
    const product = await start({ env: { FAKE_LEAVES_CHILD: '1' } })
    expect(await product.stop()).toMatchObject({ code: 0, leftBehind: 1 })
    expect(isRunning(childOf(product))).toBe(false)
  })

  it('kills what does not end in time', async () => {
    const product = await start({ env: { FAKE_IGNORES_SIGTERM: '1' } })
    expect(await product.stop(200)).toMatchObject({ signal: 'SIGKILL', wasKilled: true })
    expect(isRunning(childOf(product))).toBe(false)
  })

  it('signals the program itself behind a wrapper that stays its parent', async () => {
    const product = await start({ prefixCommand: ['sh', '-c', '"$@"; exit $?', 'wrapper'] })
    expect(await product.stop()).toMatchObject({ code: 0, wasKilled: false, leftBehind: 0 })
  })

  it('gives what a program that refuses to start has said', async () => {
    const options = { entry, env: { FAKE_REFUSES: '1' } }
    expect(await startAndRefuse(options)).toMatchObject({ code: 1, stderr: 'port is busy\n', stdout: '' })
    await expect(startStandalone(options)).rejects.toThrow(DidNotStart)
  })

  it('ends everything and removes its folders', async () => {
    const product = await start()
    expect(existsSync(product.dataDir)).toBe(true)
    await endEverything()
    expect([existsSync(product.dataDir), isRunning(product.pid), isRunning(childOf(product))]).toEqual([
      false,
      false,
      false,
    ])
  })
})
