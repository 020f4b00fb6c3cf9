import { describe, expect, it } from 'vitest'
import { pathOf } from './path.js'

describe('the path of a page', () => {
  it.each([
    ['https://example.vn', '/'],
    ['https://example.vn/?a=1#x', '/'],
    ['http://example.vn:8080/Tin//Moi/', '/Tin//Moi'],
    ['/index.html', '/'],
    ['/a/index.php', '/a'],
    ['/a/index.html/', '/a/index.html'],
    ['/a/Index.html', '/a/Index.html'],
    ['/index.html/index.html', '/index.html'],
    ['/a/xindex.html', '/a/xindex.html'],
    ['/a/./b/../c', '/a/c'],
    ['//evil.vn/a', '//evil.vn/a'],
    ['/tin%20t%E1%BB%A9c', '/tin tức'],
    ['/tin tức', '/tin tức'],
    ['/e%CC%81', '/é'],
    ['/a%2fb%3fc%23d%25e', '/a%2Fb%3Fc%23d%25e'],
    ['/a%00%1f%7f%c2%85', '/a%00%1F%7F%C2%85'],
    ['/%e0%a4%41', '/%E0%A4A'],
    ['/%ed%a0%80', '/%ED%A0%80'],
    ['/%f0%9f%c3%a9', '/%F0%9Fé'],
    ['/%zz%4', '/%zz%4'],
    ['/%F0%9F%98%80', '/😀'],
  ])('of %s is %s', (given, path) => {
    expect(pathOf(given)).toBe(path)
  })

  it('is cut to 1,024 code points, and the slash of the beginning is one', () => {
    expect(pathOf(`/${'😀'.repeat(2000)}`)).toBe(`/${'😀'.repeat(1023)}`)
  })

  it.each([
    ['/?id=12', ['id'], '/?id=12'],
    ['/a/?x=1&id=b&id=a&ID=3', ['id'], '/a?id=a&id=b'],
    ['/a?b=2&a=1', ['a', 'b'], '/a?a=1&b=2'],
    ['/a?id=e%CC%81+%2B', ['id'], '/a?id=%C3%A9+%2B'],
    ['/a?id', ['id'], '/a?id='],
    ['/a?x=1', ['id'], '/a'],
  ])('of %s with the keys %s is %s', (given, keys, path) => {
    expect(pathOf(given, keys)).toBe(path)
  })

  it.each(['a/b', 'ftp://example.vn/', ''])('refuses %s', (given) => {
    expect(() => pathOf(given)).toThrow(/./)
  })
})
