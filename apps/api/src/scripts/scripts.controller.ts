import { Controller, Get, Headers, Inject, Param, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { ProblemError } from '#domain'
import { Describe } from '../openapi/describe.js'
import { namesTag } from '../widget/if-none-match.js'
import type { Script, ScriptName } from './script-copy.js'
import { SCRIPTS } from './scripts.operations.js'
import { WebAssets } from './web-assets.js'

const SHORT = 'public, max-age=3600'
const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * `GET /t.js`, the tracker, and `GET /w.js`, the widget; `/t/{version}.js` and `/w/{version}.js` are copies that never
 * change (contract section 4). `Content-Location` of the first two names the copy, `Repr-Digest` its integrity.
 */
@Controller()
export class ScriptsController {
  constructor(@Inject(WebAssets) private readonly assets: WebAssets) {}

  @Get('t.js')
  @Describe(SCRIPTS.tracker)
  tracker(@Headers('if-none-match') ifNoneMatch: string | undefined, @Res() reply: FastifyReply): void {
    this.sendRunning('t.js', ifNoneMatch, reply)
  }

  @Get('w.js')
  @Describe(SCRIPTS.widget)
  widget(@Headers('if-none-match') ifNoneMatch: string | undefined, @Res() reply: FastifyReply): void {
    this.sendRunning('w.js', ifNoneMatch, reply)
  }

  @Get('t/:file')
  @Describe(SCRIPTS.trackerCopy)
  trackerCopy(
    @Param('file') file: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    this.sendCopy('t.js', file, ifNoneMatch, reply)
  }

  @Get('w/:file')
  @Describe(SCRIPTS.widgetCopy)
  widgetCopy(
    @Param('file') file: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    this.sendCopy('w.js', file, ifNoneMatch, reply)
  }

  private sendRunning(name: ScriptName, ifNoneMatch: string | undefined, reply: FastifyReply): void {
    const script = this.assets.script(name)
    reply.header('content-location', copyAddress(name, script))
    send(script, SHORT, ifNoneMatch, reply)
  }

  /** The package's version alone is a name that a person can type; it leads to the copy that runs. */
  private sendCopy(name: ScriptName, file: string, ifNoneMatch: string | undefined, reply: FastifyReply): void {
    const version = file.endsWith('.js') ? file.slice(0, -3) : ''
    const script = this.assets.copy(name, version)
    if (script !== undefined) return send(script, IMMUTABLE, ifNoneMatch, reply)
    if (!this.assets.isPackageVersion(version)) throw new ProblemError({ code: 'route_not_found' })
    const location = `${this.assets.script(name).version}.js`
    void reply.headers({ 'access-control-allow-origin': '*', 'cache-control': SHORT, location }).status(302).send()
  }
}

/** Relative to the script's own address, wherever a proxy has put it. */
function copyAddress(name: ScriptName, { version }: Script): string {
  return `${name.slice(0, 1)}/${version}.js`
}

function send(script: Script, cacheControl: string, ifNoneMatch: string | undefined, reply: FastifyReply): void {
  const { body, etag, sha256 } = script
  reply.headers({ 'access-control-allow-origin': '*', 'cache-control': cacheControl, etag })
  if (namesTag(ifNoneMatch, etag)) return void reply.status(304).send()
  reply.headers({ 'content-type': 'text/javascript; charset=utf-8', 'repr-digest': `sha-256=:${sha256}:` })
  void reply.send(body)
}
