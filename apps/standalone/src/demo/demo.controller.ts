import { Controller, Get, Header, Req } from '@nestjs/common'
import { DEMO_PATHS, demoPage } from './demo.page.js'

/** The page behind the URL that a start prints. */
@Controller()
export class DemoController {
  @Get(DEMO_PATHS)
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-cache')
  page(@Req() request: { readonly url: string }): string {
    return demoPage(request.url.split('?', 1)[0])
  }
}
