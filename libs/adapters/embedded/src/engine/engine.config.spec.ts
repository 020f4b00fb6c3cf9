import { describe, expect, it } from 'vitest'
import { serverXml, usersXml } from './engine.config.js'

const config = {
  tablesDir: '/data/<a&b>',
  usersFile: '/data/users.xml',
  httpPort: 4711,
  username: 'truycap',
  password: 'not-to-be-seen',
  database: 'truycap',
  memoryBytes: 1_000_000_000,
}

describe('the engine’s configuration', () => {
  it('escapes what it is given', () => {
    expect(serverXml(config)).toContain('<path>/data/&#60;a&#38;b&#62;/</path>')
  })

  it('listens on loopback to one header only, and knows no other door', () => {
    const xml = serverXml(config)
    expect(xml).toContain('<listen_host>127.0.0.1</listen_host>')
    expect(xml.match(/<\w*port>/g)).toEqual(['<http_port>'])
    expect(xml.match(/<rule>/g)).toHaveLength(1)
    // base64 of truycap:not-to-be-seen
    expect(xml).toContain('<Authorization>Basic dHJ1eWNhcDpub3QtdG8tYmUtc2Vlbg==</Authorization>')
  })

  it('keeps the password out of the users file', () => {
    expect(usersXml(config)).not.toContain(config.password)
  })
})
