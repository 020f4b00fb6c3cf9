import { readFileSync } from 'node:fs'
import { Controller, Get } from '@nestjs/common'
import { describe, expect, it } from 'vitest'
import { PROBLEMS } from '#domain'
import type { Json } from '#http'
import { apiDocument, apiOperations } from './api-document.js'
import { apiMarkdown } from './api-markdown.js'
import { operationsOf } from './describe.js'

const document = apiDocument() as { paths: Record<string, Record<string, Json>> }
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
) as ({ name: string } & Record<'operationId' | 'security' | 'responses', unknown>)[]

describe('the API document', () => {
  it('has every door of the product', () => {
    expect(operations.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'post /c',
        'get /c.gif',
        'post /v1/events',
        'get /w/{site}.json',
        'get /w/{site}/views',
        'get /w/{site}.svg',
        'get /w/{site}.html',
        'get /w/{site}.txt',
        'get /t/{file}',
        'get /w/{file}',
        'get /t.js',
        'get /w.js',
        'post /v1/sites',
        'get /v1/sites',
        'get /v1/sites/{id}',
        'patch /v1/sites/{id}',
        'delete /v1/sites/{id}',
        'post /v1/sites/{id}/keys',
        'get /v1/sites/{id}/keys',
        'delete /v1/sites/{id}/keys/{keyId}',
        'post /v1/sites/{id}/offsets',
        'get /v1/sites/{id}/offsets',
        'delete /v1/sites/{id}/offsets/{entry}',
        'get /v1/openapi.json',
      ]),
    )
  })

  it('gives every operation a name of its own', () => {
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
  })

  it('asks for a key under /v1 and nowhere else, but for itself', () => {
    for (const { name, security } of operations) {
      const needsKey = name.includes(' /v1/') && name !== 'get /v1/openapi.json'
      expect([name, security !== undefined]).toEqual([name, needsKey])
    }
  })

  it('names in each answer the codes of that status only', () => {
    const seen = new Set<string>()
    for (const { responses } of operations) {
      for (const [status, response] of Object.entries(responses as Record<string, Json>)) {
        const text = JSON.stringify(response)
        if (!text.includes('problem+json')) continue
        for (const [, code] of text.matchAll(/`(\w+)`:/g)) {
          expect([code, PROBLEMS[code as 'internal'][0]]).toEqual([code, Number(status)])
          seen.add(code!)
        }
      }
    }
    expect(seen.size).toBeGreaterThan(15)
  })

  it('is not made when a route says nothing of itself', () => {
    @Controller('v1/new')
    class NewController {
      @Get()
      list(): string {
        return ''
      }
    }
    expect(() => operationsOf([NewController])).toThrow('NewController.list is not described')
  })
})

describe('docs/api.md', () => {
  it('is what the code says (node scripts/api-docs.mjs writes it)', () => {
    const kept = readFileSync(new URL('../../../../docs/api.md', import.meta.url), 'utf8')
    expect(kept).toBe(apiMarkdown(apiOperations()))
  })
})
