import { Controller, Get, Header, Inject } from '@nestjs/common'
import { z } from 'zod'
import type { Description } from '#http'
import { Describe } from './describe.js'

/** The text of the API document, as JSON. */
export const API_DOCUMENT = Symbol('ApiDocument')

const SELF: Description = {
  operationId: 'getDocument',
  door: 'owner',
  summary: 'This document',
  description: 'Open to anybody: it says nothing of any site.',
  roles: 'anybody',
  answers: { 200: { description: 'OpenAPI 3.1.', media: [{ type: 'application/json', schema: z.looseObject({}) }] } },
  problems: [],
}

/** `GET /v1/openapi.json` (contract section 5). */
@Controller('v1/openapi.json')
export class OpenApiController {
  constructor(@Inject(API_DOCUMENT) private readonly text: string) {}

  @Get()
  @Describe(SELF)
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'application/json; charset=utf-8')
  document(): string {
    return this.text
  }
}
