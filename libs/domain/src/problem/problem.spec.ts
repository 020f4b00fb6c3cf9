import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { problemBody, PROBLEMS } from './problem.js'

const docs = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')

describe('the closed list of error codes', () => {
  it('is the table of the docs, word for word', () => {
    const rows = [...docs.matchAll(/^\| `(\w+)` \| (\d+) \| (.*) \|$/gm)].map(([, code, status, detail]) => [
      code,
      Number(status),
      detail,
    ])
    expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, [status, detail]]) => [code, status, detail]))
  })

  it('has the codes of contract section 2', () => {
    const listed = `bad_json bad_field unsupported_version too_many_beacons too_large unsupported_media_type method_not_allowed
      route_not_found site_not_found host_not_allowed rate_limited log_unavailable unauthorized forbidden site_exists
      unknown_parameter bad_parameter too_many_paths numbers_unknown offset_breaks_order idempotency_conflict at_in_future
      too_old wrong_site internal`
    expect(Object.keys(PROBLEMS).toSorted()).toEqual(listed.split(/\s+/).toSorted())
  })

  it('names a field only where one is to blame', () => {
    expect(problemBody({ code: 'bad_field', field: 'u' })).toMatchObject({ status: 400, code: 'bad_field', field: 'u' })
    expect('field' in problemBody({ code: 'bad_json' })).toBe(false)
  })
})
