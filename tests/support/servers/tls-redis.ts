import { onFreePorts } from './free-ports.js'
import { type RedisServer, startRedis } from './redis.js'

export interface TlsRedis {
  /** `rediss://`, with the password. */
  readonly url: string
  /** The same server without TLS, for who looks into it. */
  readonly plain: RedisServer
}

/** A Redis that is reached over TLS, with a certificate of one's own. */
export function startTlsRedis(options: {
  readonly cert: string
  readonly key: string
  readonly password: string
}): Promise<TlsRedis> {
  const { cert, key, password } = options
  return onFreePorts(1, async ([port = 0]) => {
    const directives = {
      'tls-port': String(port),
      'tls-cert-file': cert,
      'tls-key-file': key,
      'tls-ca-cert-file': cert,
      'tls-auth-clients': 'no',
    }
    const plain = await startRedis({ directives, password })
    return { url: `rediss://:${encodeURIComponent(password)}@127.0.0.1:${port}`, plain }
  })
}
