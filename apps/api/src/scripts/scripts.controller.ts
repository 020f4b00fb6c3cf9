import { Controller, Get, Headers, Inject, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Describe } from '../openapi/describe.js'
import { namesTag } from '../widget/if-none-match.js'
import { SCRIPTS } from './scripts.operations.js'
import { type ScriptName, WebAssets } from './web-assets.js'

/** `GET /t.js`, the tracker, and `GET /w.js`, the widget (contract section 4). */
@Controller()
export class ScriptsController {
  constructor(@Inject(WebAssets) private readonly assets: WebAssets) {}

  @Get('t.js')
  @Describe(SCRIPTS.tracker)
  tracker(@Headers('if-none-match') ifNoneMatch: string | undefined, @Res() reply: FastifyReply): void {
    this.send('t.js', ifNoneMatch, reply)
  }

  @Get('w.js')
  @Describe(SCRIPTS.widget)
  widget(@Headers('if-none-match') ifNoneMatch: string | undefined, @Res() reply: FastifyReply): void {
    this.send('w.js', ifNoneMatch, reply)
  }

  private send(name: ScriptName, ifNoneMatch: string | undefined, reply: FastifyReply): void {
    const { body, etag } = this.assets.script(name)
    reply.headers({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=3600', etag })
    if (namesTag(ifNoneMatch, etag)) void reply.status(304).send()
    else void reply.header('content-type', 'text/javascript; charset=utf-8').send(body)
  }
}
