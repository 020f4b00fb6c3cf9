import type { IncomingHttpHeaders } from 'node:http'
import { Inject, Injectable, Logger } from '@nestjs/common'
import { networkOf } from '#domain'
import { clientAddress, type TrustedProxies, trustedProxies } from '#http'
import { METRICS, type Metrics } from '#metrics'
import { COLLECTOR_OPTIONS, type CollectorOptions } from '../collector-options.js'
import type { BeaconRequest } from './beacon.intake.js'

/** `prefetch`, also with parameters as in `prefetch;prerender`. */
const PREFETCH = /^\s*prefetch\s*(?:[;,]|$)/i

/** Reads from the headers, and the address of the peer, what a request says of the reader. */
@Injectable()
export class BeaconRequestReader {
  private readonly logger = new Logger('collector')
  private readonly trusted: TrustedProxies
  private hasWarned = false

  constructor(
    @Inject(COLLECTOR_OPTIONS) options: CollectorOptions,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.trusted = trustedProxies(options.trustProxy)
  }

  /** `peer` = the socket's remote address. */
  read(headers: IncomingHttpHeaders, peer: string | undefined): BeaconRequest {
    const address = this.addressOf(headers, peer)
    const reader = { address, network: networkOf(address), userAgent: headers['user-agent'] ?? '', visitorName: '' }
    return {
      reader,
      privacy: headers['sec-gpc'] === '1' || headers.dnt === '1',
      prefetch: saysPrefetch(headers['sec-purpose']) || saysPrefetch(headers.purpose) || saysPrefetch(headers['x-moz']),
    }
  }

  private addressOf(headers: IncomingHttpHeaders, peer: string | undefined): string {
    const forwardedFor = headers['x-forwarded-for'] as string | undefined // Node joins several with commas
    const { address, untrustedForwarded } = clientAddress(peer, forwardedFor, this.trusted)
    if (untrustedForwarded) this.noteUntrusted()
    return address
  }

  private noteUntrusted(): void {
    this.metrics.untrustedForwarded.inc()
    if (this.hasWarned) return
    this.hasWarned = true
    this.logger.warn('A peer that is not in TRUST_PROXY sends X-Forwarded-For: it is not believed. (Said once.)')
  }
}

function saysPrefetch(header: string | string[] | undefined): boolean {
  return header !== undefined && PREFETCH.test(String(header))
}
