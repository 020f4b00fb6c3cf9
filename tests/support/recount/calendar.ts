const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formats.set(timeZone, format)
  }
  return format
}

/** Local calendar day, `YYYY-MM-DD`, of an instant in whole seconds. */
export function localDay(seconds: number, timeZone: string): string {
  const parts = formatOf(timeZone).formatToParts(seconds * 1000)
  const part = (type: string) => parts.find((p) => p.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}`
}

/** The calendar day `days` after a calendar day. Days are pure dates here, so noon UTC cannot slip. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** First day of the week that holds `day`. */
export function weekOf(day: string, weekStart: 'monday' | 'sunday'): string {
  const sundayIsZero = new Date(`${day}T12:00:00Z`).getUTCDay()
  return addDays(day, -(weekStart === 'sunday' ? sundayIsZero : (sundayIsZero + 6) % 7))
}

export const monthOf = (day: string): string => day.slice(0, 7)
export const yearOf = (day: string): string => day.slice(0, 4)
