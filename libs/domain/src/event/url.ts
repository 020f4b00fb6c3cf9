const NOT_ASCII = /[\u0080-\uffff]/

/**
 * Whether `new URL` takes the text. `URL.canParse` alone cannot tell: on Node 20, once the runtime has compiled its caller, it
 * reads the bytes of Latin-1 text as UTF-8 and refuses hosts like `báo.vn`.
 */
export function isUrl(text: string): boolean {
  return NOT_ASCII.test(text) ? parses(text) : URL.canParse(text)
}

function parses(text: string): boolean {
  try {
    void new URL(text)
    return true
  } catch {
    return false
  }
}
