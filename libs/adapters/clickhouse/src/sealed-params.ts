import { civilDate } from './civil-date.js'
import { COPY_SPREAD_DAYS } from './numbers.sql.js'

/** Dates cannot say an empty span before 1970, so a flag does. */
export function sealedParams(fromDay: number, toDay: number) {
  return {
    sealedFrom: civilDate(fromDay),
    sealedTo: civilDate(toDay),
    anySealed: toDay >= fromDay && toDay >= 0 ? 'true' : 'false',
  }
}

/** Sealed rows up to and with `throughDay`, raw events of every later day. */
export function splitAt(throughDay: number) {
  return {
    ...sealedParams(0, throughDay),
    firstDay: civilDate(throughDay + 1),
    firstNear: civilDate(throughDay + 1 - COPY_SPREAD_DAYS),
  }
}
