import { Controller, Get, Header, Inject, Req } from '@nestjs/common'
import { WebAssets } from '#api'
import { DEMO_PATHS, demoPage } from './demo.page.js'

/** The page behind the URL that a start prints. */
@Controller()
export class DemoController {
  constructor(@Inject(WebAssets) private readonly assets: WebAssets) {}

  @Get(DEMO_PATHS)
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-cache')
  page(@Req() request: { readonly url: string }): string {
    return demoPage(request.url.split('?', 1)[0], { t: this.assets.script('t.js'), w: this.assets.script('w.js') })
  }
}
