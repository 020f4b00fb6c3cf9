import { describe, expect, it } from 'vitest'
import { askedForm, type FormAsked } from './form-request.js'

const ask = (kind: FormAsked['kind'], query: string): unknown => {
  const read = askedForm(kind, query)
  return 'form' in read ? read.form : [read.problem.code, read.problem.field]
}

describe('askedForm', () => {
  it.each(['svg', 'html'] as const)('.%s needs nothing: Vietnamese, classic, nine digits', (kind) => {
    expect(ask(kind, '')).toEqual({ kind, language: 'vi', theme: 'classic', digits: 9 })
    expect(ask(kind, 'theme=led&lang=en&digits=12')).toEqual({ kind, language: 'en', theme: 'led', digits: 12 })
  })

  it('.txt needs the name of its number, and fills it up with zeros only when asked to', () => {
    expect(ask('txt', 'f=total')).toEqual({ kind: 'txt', field: 'total', digits: 1 })
    expect(ask('txt', 'f=online&digits=4')).toEqual({ kind: 'txt', field: 'online', digits: 4 })
    expect(ask('txt', 'lang=en&f=week&theme=flat')).toEqual({ kind: 'txt', field: 'week', digits: 1 })
  })

  it.each(['online', 'today', 'yesterday', 'week', 'month', 'year', 'total'])('.txt knows f=%s', (field) => {
    expect(ask('txt', `f=${field}`)).toMatchObject({ field })
  })

  it.each([
    ['svg', 'f=total', 'unknown_parameter', 'f'],
    ['svg', 'p=/a', 'unknown_parameter', 'p'],
    ['html', 'show=total', 'unknown_parameter', 'show'],
    ['txt', 'f=total&p=/a', 'unknown_parameter', 'p'],
    ['svg', 'digits=99&x', 'unknown_parameter', 'x'],
    ['svg', 'lang=fr', 'bad_parameter', 'lang'],
    ['svg', 'lang=', 'bad_parameter', 'lang'],
    ['svg', 'lang=EN', 'bad_parameter', 'lang'],
    ['svg', 'lang=vi&lang=vi', 'bad_parameter', 'lang'],
    ['html', 'theme=dark', 'bad_parameter', 'theme'],
    ['html', 'theme=toString', 'bad_parameter', 'theme'],
    ['html', 'digits=0', 'bad_parameter', 'digits'],
    ['html', 'digits=13', 'bad_parameter', 'digits'],
    ['html', 'digits=09', 'bad_parameter', 'digits'],
    ['html', 'digits=9.0', 'bad_parameter', 'digits'],
    ['html', 'digits=-1', 'bad_parameter', 'digits'],
    ['html', 'digits=1e1', 'bad_parameter', 'digits'],
    ['txt', '', 'bad_parameter', 'f'],
    ['txt', 'f=', 'bad_parameter', 'f'],
    ['txt', 'f=views', 'bad_parameter', 'f'],
    ['txt', 'f=__proto__', 'bad_parameter', 'f'],
    ['txt', 'f=total&f=week', 'bad_parameter', 'f'],
    ['txt', 'f=total&digits=x', 'bad_parameter', 'digits'],
    ['txt', 'f=total&lang=de', 'bad_parameter', 'lang'],
  ] as const)('.%s?%s is %s of %s', (kind, query, code, field) => {
    expect(ask(kind, query)).toEqual([code, field])
  })
})
