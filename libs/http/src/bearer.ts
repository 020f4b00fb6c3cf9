const BEARER = /^bearer +([A-Za-z0-9._~+/=-]{1,512})$/i

/** The key text of `Authorization: Bearer <key>`; null when there is no such header or it has another form. */
export function bearerToken(authorization: string | undefined): string | null {
  return BEARER.exec(authorization ?? '')?.[1] ?? null
}
